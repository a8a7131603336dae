"""The pictures of the demo site's virtual cameras, through an encoder, judged right by day and by night."""

from datetime import datetime
from zoneinfo import ZoneInfo

import av
import pytest
from streams import encoded

from cammon.sitefiles import read_site
from cammon.virtual.render import Renderer
from cammon_coverage.model import Period
from cammon_probes.model import Fault
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import examine

CAMERAS = ("CAM01", "CAM07", "CAM16")
FAULTS = (None, Fault.BLACK, Fault.BLUR, Fault.COVERED, Fault.NOISE, Fault.OVEREXPOSED, Fault.LOW_CONTRAST)
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def renderer(repository):
    return Renderer(read_site(repository / "config" / "demo-mine").site.scene)


@pytest.fixture(scope="module")
def shown(renderer):
    """A frame as it arrives: rendered, H.264, decoded."""

    def show(camera, period, elapsed_s, fault=None):
        faults = {} if fault is None else {fault.value: {}}
        frame = renderer.frame(camera, 640, 360, NOON, elapsed_s, period, faults, seed=int(elapsed_s))
        decoder = av.CodecContext.create("h264", "r")
        pictures = [one for unit in encoded(frame, frames=1) for one in decoder.decode(av.Packet(unit))]
        return (pictures or decoder.decode(None))[0].to_ndarray(format="bgr24")

    return show


@pytest.fixture(scope="module")
def histories(shown):
    return {
        (camera, period): reference_from([shown(camera, period, 60.0 * index) for index in range(3)])
        for camera in CAMERAS
        for period in Period
    }


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("camera", CAMERAS)
def test_with_history(camera, period, fault, shown, histories):
    findings = examine(shown(camera, period, 1000.0, fault), histories[camera, period])
    found = [finding.fault for finding in findings if finding.bad]
    assert found == ([] if fault is None else [fault])


@pytest.mark.parametrize("fault", [None, Fault.BLACK, Fault.COVERED], ids=str)
@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("camera", CAMERAS)
def test_on_the_first_day(camera, period, fault, shown):
    findings = examine(shown(camera, period, 2000.0, fault), None)
    assert [finding.fault for finding in findings if finding.bad] == ([] if fault is None else [fault])
