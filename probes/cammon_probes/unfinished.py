"""Looks that cammon could not finish. What the camera shows is not known then, and it is no fault of the camera."""


class LookUnfinished(Exception):
    """Cammon lacks what the look needs. Whoever started it may try again."""


class DecodersBusy(LookUnfinished):
    """No decoder was free, or started, in time."""


class LoginBusy(LookUnfinished):
    """Other looks had the account of this camera all the time."""
