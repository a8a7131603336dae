"""Media and RTSP text that share one connection (RFC 2326 section 10.12)."""

from collections.abc import Iterator

from .asides import MOST_ANSWERED, pass_over
from .media import LULL_S, SILENCE_S
from .wire import Wire

_MARK = 0x24


class TcpMedia:
    """A stream interleaved in its own RTSP connection; `early` is what came before the answer to PLAY."""

    def __init__(self, wire: Wire, channel: int, early: list[tuple[int, bytes]]) -> None:
        self._wire = wire
        self._channel = channel
        self._early = early

    def packets(self) -> Iterator[bytes]:
        """See `Media`."""
        self._wire.patience_s = SILENCE_S
        yield from (data for channel, data in self._early if channel == self._channel)
        yield from packets(self._wire, self._channel)

    @property
    def closed(self) -> bool:
        """See `Media`."""
        return self._wire.closed

    def quiet_s(self) -> float:
        """See `Media`."""
        return self._wire.quiet_s()


def packets(wire: Wire, channel: int) -> Iterator[bytes]:
    """The data of the frames of `channel` until the peer closes, b"" at a pause; other text is passed over.

    Hundreds of frames make a picture, so they are cut out of what one read brought: a call for each of them would cost
    more than the decoder.
    """
    data, asides = b"", 0
    while True:
        position, end = 0, len(data)
        while end - position >= 4 and data[position] == _MARK:
            following = position + 4 + (data[position + 2] << 8 | data[position + 3])
            if following > end:
                break
            if data[position + 1] == channel:
                yield data[position + 4 : following]
            position = following
        rest = data[position:]
        if rest and rest[0] != _MARK:
            wire.put_back(rest)
            pass_over(wire, answer=asides < MOST_ANSWERED)
            asides += 1
            rest = b""
        if not rest and not wire.arrives(LULL_S):
            yield b""
        more = wire.read_exactly(_missing(rest)) if rest else wire.read_some()
        if not more:
            return
        data = rest + more


def _missing(rest: bytes) -> int:
    """How much is missing of a frame that has come in part."""
    return 4 - len(rest) if len(rest) < 4 else 4 + int.from_bytes(rest[2:4]) - len(rest)
