"""What the picture checks are told of a camera by its ledger."""

from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import box

from cammon.service.views import views_of
from cammon.sitefiles import read_site
from cammon.sitefiles.model import CameraKind
from cammon_probes.picture.view import View


@pytest.mark.parametrize(
    ("kind", "away", "roams"),
    [
        (CameraKind.FIXED, False, False),
        (CameraKind.THERMAL, False, False),
        (CameraKind.PTZ, False, True),
        (CameraKind.MOBILE, True, False),
    ],
)
def test_views(kind: CameraKind, away: bool, roams: bool, repository: Path) -> None:
    site = read_site(repository / "config" / "demo-mine").site
    first = site.scene.cameras[0]
    scene = replace(site.scene, cameras=(replace(first, masks=(box(0, 0, 0.5, 1),)), *site.scene.cameras[1:]))
    ledger = next(camera for camera in site.cameras if camera.id == first.id)
    unknown = replace(ledger, id="no pose", pose=None)
    told = views_of(replace(site, scene=scene, cameras=(replace(ledger, kind=kind), unknown)))
    assert (told[first.id].away, told[first.id].roams, told[first.id].hfov_deg) == (away, roams, first.lens.hfov_deg)
    (polygon,) = told[first.id].privacy
    assert set(polygon) == {(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)}
    assert told["no pose"] == View()
