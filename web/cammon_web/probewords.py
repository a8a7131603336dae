"""The words of the looks: the steps that probes take, and what they note beside them."""

from collections.abc import Mapping

from cammon_web.language import mark as _

STEPS: Mapping[str, str] = {
    "connect": _("connect"),
    "describe": _("ask for the stream (DESCRIBE)"),
    "login": _("log in"),
    "setup": _("set up the stream (SETUP)"),
    "play": _("start playing (PLAY)"),
    "stream": _("find the stream"),
    "keyframe": _("first whole picture"),
    "decode": _("decode"),
    "snapshot": _("fetch a snapshot"),
    "clock": _("read its clock"),
    "identity": _("read maker, model and serial"),
    "network": _("read its network address"),
    "services": _("ask for its services"),
    "profiles": _("read stream profiles"),
    "stream_uri": _("ask for the stream's address"),
    "snapshot_uri": _("ask for the snapshot's address"),
}

EVIDENCE_NAMES: Mapping[str, str] = {
    "announced_bytes": _("bytes announced"),
    "at": _("while"),
    "clock_offset_s": _("clock differs by, in seconds"),
    "clock_tolerance_s": _("allowed, in seconds"),
    "codec": _("codec"),
    "error": _("error"),
    "fingerprint": _("SHA-256 fingerprint of its certificate"),
    "height_px": _("height in pixels"),
    "host": _("host"),
    "limit_bytes": _("most bytes taken"),
    "location": _("sends on to"),
    "login": _("kind of login"),
    "login_paused_until": _("no login is sent before"),
    "missing_bytes": _("bytes missing"),
    "offered": _("logins offered"),
    "packets": _("packets"),
    "port": _("port"),
    "rate": _("frame rate"),
    "reason": _("reason given"),
    "received": _("received"),
    "received_bytes": _("bytes received"),
    "request": _("asked for"),
    "not_believed": _("not believed by cammon because of"),
    "shows_channel": _("shows the picture of"),
    "sdp_bytes": _("bytes of the description"),
    "size": _("picture size"),
    "soap": _("fault reported"),
    "status": _("status code"),
    "undecodable_pictures": _("pictures that cannot be decoded"),
    "unread": _("not told"),
    "waited_ms": _("waited, in milliseconds"),
    "width_px": _("width in pixels"),
}

UNITS: Mapping[str, str] = {
    "Lab units": _("Lab units"),
    "gray level": _("grey level"),
    "gray levels": _("grey levels"),
    "ln below own": _("ln below its own usual"),
    "ln fine/coarse": _("ln fine/coarse"),
    "ln gradient": _("ln gradient"),
    "share of pixels": _("of the pixels"),
    "similarity": _("similarity"),
}
"""What picture checks measure in; other units (px, °) need no words."""
