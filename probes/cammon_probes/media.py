"""A playing stream, whichever way its packets come."""

from collections.abc import Iterator
from typing import Protocol

SILENCE_S = 5.0
"""A stream that sends nothing for so long is not waited for any longer."""


LULL_S = 0.05
"""After a pause of this length nothing more belongs to a picture whose end was marked."""


class Media(Protocol):
    """The RTP packets of one video."""

    def packets(self) -> Iterator[bytes]:
        """Packets until the stream ends, an empty one where it pauses.

        Raises `CameraFailed`: timeout when it falls silent or the time is over.
        """

    @property
    def closed(self) -> bool:
        """Whether the camera has ended the stream."""

    def quiet_s(self) -> float:
        """For how long nothing has come."""
