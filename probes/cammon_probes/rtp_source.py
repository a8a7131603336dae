"""Which of the packets on one channel are the video's: other payload types and other senders may share it."""

_MOST_FOREIGN = 256
"""Packets of another sender, with none of the first in between, after which the video is taken to be theirs."""


class Source:
    """Keeps to the payload type that the description names and to the sender (SSRC, RFC 3550) of its first packets.

    Some cameras send another type than they describe: it is listened to until the described one comes.
    """

    def __init__(self, described: int | None) -> None:
        self._described = described
        self.heard: tuple[int, bytes] | None = None
        """Payload type and sender that are listened to."""
        self._foreign, self._taken = 0, 0

    def is_video(self, payload_type: int, sender: bytes, taken: int) -> bool:
        """Whether to listen to such a packet, which may change `heard`; `taken` of the video came so far."""
        if (payload_type, sender) == self.heard:
            return True
        described = payload_type == self._described
        first = self.heard is None or (described and self.heard[0] != payload_type)
        if not first and (payload_type != self.heard_type or not self._replaced(taken)):
            return False
        self.heard = (payload_type, sender)
        return True

    @property
    def heard_type(self) -> int | None:
        """The payload type that is listened to."""
        return self.heard[0] if self.heard else None

    def _replaced(self, taken: int) -> bool:
        self._foreign = self._foreign + 1 if taken == self._taken else 1
        self._taken = taken
        return self._foreign > _MOST_FOREIGN
