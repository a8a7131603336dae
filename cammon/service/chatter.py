"""Cameras that switch between colour and infrared again and again: their threshold is too close to the light there."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from cammon_probes.picture.judgement import Note

INFRARED_CHATTER = "infrared_chatter"
WITHIN = timedelta(hours=2)
SWITCHES = 5
"""Dusk is one switch, a passing lorry's headlights two more."""


class Chatter:
    """Counts the switches of each camera. Looks at one camera never overlap, so each count has one writer at a time."""

    def __init__(self) -> None:
        self._switched: defaultdict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=SWITCHES))

    def heard(self, camera: str, notes: tuple[Note, ...], at: datetime) -> bool:
        """Take in a look; whether the camera chatters."""
        if Note.LIGHT_SWITCHED in notes:
            self._switched[camera].append(at)
        switched = self._switched.get(camera)
        return switched is not None and len(switched) == SWITCHES and at - switched[0] <= WITHIN
