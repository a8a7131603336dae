"""The words of the faults: their names, and one sentence each on what to do first."""

from collections.abc import Mapping

from cammon_probes.model import Fault
from cammon_web.language import mark as _

FAULT_NAMES: Mapping[str, str] = {
    Fault.UNREACHABLE: _("unreachable"),
    Fault.REFUSED: _("connection refused"),
    Fault.TIMEOUT: _("no answer in time"),
    Fault.BAD_RESPONSE: _("not a camera's answer"),
    Fault.TOO_LARGE: _("answer too large"),
    Fault.REDIRECTED: _("redirected elsewhere"),
    Fault.DEVICE_ERROR: _("device error"),
    Fault.AUTH_FAILED: _("login refused"),
    Fault.AUTH_LOCKED: _("account locked"),
    Fault.FORBIDDEN: _("access forbidden"),
    Fault.NOT_FOUND: _("stream address not found"),
    Fault.SESSION_LIMIT: _("too many viewers"),
    Fault.TLS_UNTRUSTED: _("certificate not trusted"),
    Fault.NO_VIDEO: _("no video"),
    Fault.STALLED: _("video stalls"),
    Fault.UNDECODABLE: _("video cannot be decoded"),
    Fault.WRONG_FORMAT: _("stream differs from the ledger"),
    Fault.CLOCK_SKEW: _("clock is wrong"),
    Fault.FIRMWARE_CHANGED: _("firmware changed"),
    Fault.IDENTITY_CHANGED: _("different device"),
    Fault.BLACK: _("black picture"),
    Fault.UNDEREXPOSED: _("too dark a picture"),
    Fault.OVEREXPOSED: _("overexposed"),
    Fault.BLUR: _("blurred"),
    Fault.COVERED: _("lens covered"),
    Fault.PARTIAL: _("partly hidden"),
    Fault.FROZEN: _("frozen picture"),
    Fault.LOW_CONTRAST: _("low contrast"),
    Fault.COLOUR_CAST: _("colour cast"),
    Fault.NOISE: _("noisy picture"),
    Fault.STRIPES: _("stripes"),
    Fault.SIGNAL_LOSS: _("signal lost"),
    Fault.CORRUPTED: _("corrupted picture"),
    Fault.MOVED: _("view has moved"),
    Fault.WRONG_CHANNEL: _("another camera's picture"),
}

ADVICE: Mapping[str, str] = {
    Fault.UNREACHABLE: _(
        "Check power and network cable on the pole, then the switch port; ping from the dispatch room."
    ),
    Fault.REFUSED: _(
        "The device is on, its video service is not: check the port in the ledger, then restart the camera."
    ),
    Fault.TIMEOUT: _("Check the uplink and the radio link for load; if the device answers ping, restart it."),
    Fault.BAD_RESPONSE: _(
        "Not what a camera answers: check address and port in the ledger, and for a duplicate IP; "
        "if they are right, restart it and allow unicast and RTP over TCP."
    ),
    Fault.TOO_LARGE: _("The answer is larger than any camera sends: check that the address belongs to this camera."),
    Fault.REDIRECTED: _(
        "The device sends callers elsewhere, which is not followed: enter its real address in the ledger."
    ),
    Fault.DEVICE_ERROR: _(
        "The device reports an internal error: restart it; if it returns, update firmware or replace it."
    ),
    Fault.AUTH_FAILED: _(
        "Enter or correct the stored login first; cammon has stopped trying so that the account is not locked."
    ),
    Fault.AUTH_LOCKED: _("Unlock the account on the device or wait out its lock, then correct the stored login."),
    Fault.FORBIDDEN: _(
        "Give the account the right to view live video; on some recorders this means all sessions are taken."
    ),
    Fault.NOT_FOUND: _(
        "Correct the stream path in the ledger; it often changes with the firmware or the recorder channel."
    ),
    Fault.SESSION_LIMIT: _("Close clients that nobody watches, or take this stream from the recorder instead."),
    Fault.TLS_UNTRUSTED: _(
        "Make sure that it is this device, then name its certificate in site.toml under [tls]; "
        "or install the site's own. If it has expired, check the device's clock."
    ),
    Fault.NO_VIDEO: _("The device accepts the call but sends nothing: restart its encoder; check the sensor cable."),
    Fault.STALLED: _("The video breaks off: check bandwidth, cable and switch port errors on the way."),
    Fault.UNDECODABLE: _("Reset the stream settings to H.264 or H.265 without vendor extensions, then restart."),
    Fault.WRONG_FORMAT: _("Set codec and resolution on the device as in the ledger, or correct the ledger."),
    Fault.CLOCK_SKEW: _("Set the device's time server (NTP); recordings with a wrong clock do not stand as evidence."),
    Fault.FIRMWARE_CHANGED: _("Confirm that the update was planned; check the stream and the time settings after it."),
    Fault.IDENTITY_CHANGED: _(
        "Another device answers here: confirm the exchange and enter serial and MAC in the ledger."
    ),
    Fault.BLACK: _("Check the lens cap, the iris, the night light and the sensor cable on site."),
    Fault.UNDEREXPOSED: _("Check the lighting and the infrared lamp; correct the exposure settings."),
    Fault.OVEREXPOSED: _("Check for a lamp or low sun in view; correct exposure and backlight compensation."),
    Fault.BLUR: _("Clean the dome or glass; if it stays blurred, refocus."),
    Fault.COVERED: _("Send somebody now: a covered lens may be deliberate. Remove the cover and look for tampering."),
    Fault.PARTIAL: _("Remove what hangs or grows in front of the lens; if it is a new structure, move the camera."),
    Fault.FROZEN: _("Restart the camera or the recorder channel: the picture has not changed although time goes on."),
    Fault.LOW_CONTRAST: _("Fog, dust or steam: compare with neighbours; if only this camera, clean the glass."),
    Fault.COLOUR_CAST: _("Check white balance and the infrared cut filter; a stuck filter tints the day picture."),
    Fault.NOISE: _("Check lighting at night and the sensor's age; on analogue lines check the cable."),
    Fault.STRIPES: _("Check grounding, power supply and interference on the cable; set the mains frequency."),
    Fault.SIGNAL_LOSS: _("The recorder shows a placeholder: check the camera and the cable behind this channel."),
    Fault.CORRUPTED: _("Packets are lost on the way: check cable, connectors and radio link."),
    Fault.MOVED: _("Turn the camera back to its reference view, or accept the new view if it was meant."),
    Fault.WRONG_CHANNEL: _(
        "The recorder shows another of its cameras on this channel: put the channels right there, or the ledger."
    ),
}
