"""What is declared of cameras and key places against geometry, and the figure beside the four ratios."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shapely.geometry import LineString, Point, box

from cammon.agreement import as_object, declared_only, opinions_of
from cammon.coveragereport import table
from cammon.desk.rows import place_rows
from cammon.desk.snapshot import metrics_snapshot
from cammon.metrics import render
from cammon.service.present import Present, answers_of
from cammon.sitefiles import read_site
from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    Basis,
    Camera,
    KeyPlace,
    Lens,
    Obstacle,
    Period,
    Pose,
    ReasonCode,
    Scene,
    Sight,
    SightState,
)
from cammon_web.desk import Agreement, Looking

NOW = datetime(2026, 5, 1, 4, tzinfo=UTC)
DAY, NIGHT = Period.DAY, Period.NIGHT
LENS = Lens(60, 1920, 1080, night_range_m=12)


def camera(name: str, azimuth: float, device: str = "") -> Camera:
    return Camera(name, Pose(0, 0, 3, azimuth, 0), LENS, device or name)


CAMERAS = (camera("NORTH", 0), camera("NORTH2", 0), camera("EAST", 90))
PLACES = (
    KeyPlace("AHEAD", "", Point(0, 10), 25),
    KeyPlace("FARTHER", "", Point(0, 20), 25),
    KeyPlace("BEHIND", "", Point(0, -15), 25),
    KeyPlace("SHED", "", Point(15, 0), 25),
    KeyPlace("HALF", "", LineString([(-30, 20), (0, 20)]), 25),
    KeyPlace("FAR", "", Point(0, 5000), 25),
    KeyPlace("TWICE", "", Point(0, -20), 25, redundancy=2),
)
SCENE = Scene(CAMERAS, PLACES, (Obstacle("WALL", box(8, -5, 9, 5), 0, 9),))
LEDGER = (*(LedgerCamera(one.id, "", one.device, 2, one.pose) for one in CAMERAS), LedgerCamera("POSELESS", "", "P", 9))
WORK = {one.id: Sight() for one in LEDGER}


def site(**declared: tuple[str, ...]) -> Site:
    return Site("s", "s", Path(), "v", cameras=LEDGER, scene=SCENE, declared=declared)


@pytest.mark.parametrize(
    ("place", "who", "period", "agreement", "share", "codes"),
    [
        ("AHEAD", "NORTH", DAY, Agreement.SEEN, 1.0, []),
        ("FARTHER", "NORTH", DAY, Agreement.SEEN, 1.0, []),
        ("FARTHER", "NORTH", NIGHT, Agreement.NOT_SEEN, 0.0, [ReasonCode.TOO_DARK]),
        ("BEHIND", "NORTH", DAY, Agreement.NOT_SEEN, 0.0, [ReasonCode.OUTSIDE_VIEW]),
        ("SHED", "EAST", DAY, Agreement.NOT_SEEN, 0.0, [ReasonCode.HIDDEN_BY_OBSTACLE]),
        ("FAR", "NORTH", DAY, Agreement.NOT_SEEN, 0.0, [ReasonCode.NO_CAMERA_IN_RANGE]),
        ("AHEAD", "POSELESS", DAY, Agreement.UNPROVEN, None, []),
    ],
    ids=["seen", "seen by day", "dark by night", "looks elsewhere", "hidden", "too far", "no pose"],
)
def test_one_declaration(place, who, period, agreement, share, codes):
    (found,) = [
        one for one in opinions_of(site(**{place: (who,)}), CoverageModel(SCENE)).of(place, period) if one.camera == who
    ]
    assert (found.agreement, found.share) == (agreement, share)
    assert [reason.code for reason in found.reasons] == codes
    assert all(reason.params.get("camera", who) == who for reason in found.reasons)


def test_the_reason_is_that_of_the_camera_and_not_of_the_nearest():
    """The shed is in NORTH's reach too, but EAST was declared."""
    (found,) = opinions_of(site(SHED=("EAST",)), CoverageModel(SCENE)).of("SHED", DAY)
    assert dict(found.reasons[0].params) == {"obstacle": "WALL", "camera": "EAST"}


def test_a_part_that_is_seen_is_told_as_a_share():
    (found,) = [
        one for one in opinions_of(site(HALF=("NORTH",)), CoverageModel(SCENE)).of("HALF", DAY) if one.camera == "NORTH"
    ]
    assert found.agreement is Agreement.SEEN
    assert 0.3 < found.share < 0.5


def test_seen_but_not_declared():
    opinions = opinions_of(site(AHEAD=("NORTH",)), CoverageModel(SCENE))
    assert [(one.camera, one.agreement) for one in opinions.of("AHEAD", DAY)] == [
        ("NORTH", Agreement.SEEN),
        ("NORTH2", Agreement.NOT_DECLARED),
    ]
    assert opinions.of("FARTHER", DAY) == (), "nobody says anything of it"


def counted(own: Site, sights, basis: Basis, period: Period = DAY):
    model = CoverageModel(own.scene) if own.scene.key_places else None
    rows = declared_only(own, answers_of(own, model, sights, {}, NOW), opinions_of(own, model))
    assert [(row.basis, row.period) for row in rows] == [(basis, period) for basis in Basis for period in Period]
    (row,) = [row for row in rows if (row.basis, row.period) == (basis, period)]
    return row.places, row.contradicted, row.of


BROKEN = {**WORK, "POSELESS": Sight(SightState.BLIND, "black")}
UNSEEN = {**WORK, "POSELESS": Sight(SightState.UNKNOWN, "auth_failed")}
NOTHING_KNOWN = {name: Sight(SightState.UNKNOWN, "not_looked_at") for name in WORK}


@pytest.mark.parametrize(
    ("declared", "sights", "basis", "expected"),
    [
        ({}, WORK, Basis.DESIGN, (0, 0, 7)),
        ({"AHEAD": ("POSELESS",)}, WORK, Basis.DESIGN, (0, 0, 7)),
        ({"BEHIND": ("POSELESS",)}, WORK, Basis.DESIGN, (1, 0, 7)),
        ({"BEHIND": ("NORTH",)}, WORK, Basis.DESIGN, (1, 1, 7)),
        ({"BEHIND": ("NORTH", "POSELESS")}, WORK, Basis.DESIGN, (1, 0, 7)),
        ({"BEHIND": ("NORTH", "POSELESS")}, BROKEN, Basis.EFFECTIVE, (1, 1, 7)),
        ({"TWICE": ("POSELESS",)}, WORK, Basis.DESIGN, (0, 0, 7)),
        ({"TWICE": ("POSELESS", "EAST")}, WORK, Basis.DESIGN, (1, 0, 7)),
        ({"BEHIND": ("POSELESS",)}, WORK, Basis.EFFECTIVE, (1, 0, 7)),
        ({"BEHIND": ("POSELESS",)}, BROKEN, Basis.EFFECTIVE, (0, 0, 7)),
        ({"BEHIND": ("POSELESS",)}, UNSEEN, Basis.EFFECTIVE, (0, 0, 7)),
        ({"BEHIND": ("POSELESS",)}, NOTHING_KNOWN, Basis.EFFECTIVE, (None, None, 7)),
    ],
    ids=[
        *("nothing declared", "covered anyway", "only declared", "contradicted", "one cannot be judged"),
        *("the other is broken", "one of two devices", "two devices", "now", "broken now", "unknown now", "not looked"),
    ],
)
def test_places_covered_by_declaration_alone(declared, sights, basis, expected):
    assert counted(site(**declared), sights, basis) == expected


def test_by_night_a_place_may_be_left_to_the_declaration():
    own = site(FARTHER=("NORTH",))
    assert counted(own, WORK, Basis.DESIGN, DAY) == (0, 0, 7)
    assert counted(own, WORK, Basis.DESIGN, NIGHT) == (1, 1, 7)


def test_the_ratios_never_count_it():
    model = CoverageModel(SCENE)
    plain = answers_of(site(), model, WORK, {}, NOW)
    with_all = answers_of(site(**{place.id: ("POSELESS",) for place in PLACES}), model, WORK, {}, NOW)
    assert {key: one.ratio for key, one in plain.by_basis.items()} == {
        key: one.ratio for key, one in with_all.by_basis.items()
    }


def test_without_a_map_it_is_all_there_is():
    own = replace(site(GATE=("POSELESS",), YARD=("NORTH", "EAST")), scene=Scene((), ()))
    assert counted(own, WORK, Basis.DESIGN) == (2, 0, 2)
    assert counted(own, BROKEN, Basis.EFFECTIVE) == (1, 0, 2)
    said = as_object(own, answers_of(own, None, BROKEN, {}, NOW), opinions_of(own, None))
    assert [place["place"] for place in said["places"]] == ["GATE", "YARD"]
    assert said["places"][0]["day"] == [
        {"camera": "POSELESS", "agreement": "declared_unproven", "share": None, "works": False, "reasons": []}
    ]


def test_the_object():
    own = site(BEHIND=("NORTH",))
    model = CoverageModel(SCENE)
    said = as_object(own, answers_of(own, model, NOTHING_KNOWN, {}, NOW), opinions_of(own, model))
    assert said["only"]["design"]["day"] == {"places": 1, "contradicted": 1, "of": 7}
    assert said["only"]["effective"] == {"day": None, "night": None}
    (behind,) = [place for place in said["places"] if place["place"] == "BEHIND"]
    assert behind["day"] == [
        {
            "camera": "NORTH",
            "agreement": "declared_not_seen",
            "share": 0.0,
            "works": None,
            "reasons": [{"code": "outside_view", "params": {"camera": "NORTH"}}],
        }
    ]
    nothing = as_object(site(), answers_of(site(), model, WORK, {}, NOW), opinions_of(site(), model))
    assert nothing["places"] == []


def present_of(own: Site, sights) -> Present:
    model = CoverageModel(own.scene)
    return Present(model=model, healths={}, pictures={}, answers=answers_of(own, model, sights, {}, NOW))


def test_rows_of_the_page_follow_the_present_light():
    own = site(FARTHER=("NORTH", "POSELESS"))
    present = present_of(own, BROKEN)
    rows = {row.id: row.declared for row in place_rows(own, present, opinions_of(own, present.model))}
    assert present.answers.period is DAY
    assert [(one.camera, one.agreement, one.works) for one in rows["FARTHER"]] == [
        ("NORTH", Agreement.SEEN, True),
        ("POSELESS", Agreement.UNPROVEN, False),
        ("NORTH2", Agreement.NOT_DECLARED, True),
    ]
    assert rows["AHEAD"] == ()


def test_metrics_count_cameras_by_agreement_and_places_only_declared():
    own = site(FARTHER=("NORTH",), BEHIND=("POSELESS",))
    present = present_of(own, BROKEN)
    looking = Looking(NOW, True, None, None, 4, 4, 0.0)
    text = render(metrics_snapshot(own, present, looking, (), (), opinions_of(own, present.model))).decode()
    lines = [line.replace(',site="s"', "") for line in text.splitlines() if "declared" in line and line[0] != "#"]
    cameras, only = "cammon_key_place_declared_cameras", "cammon_declared_only_places"
    assert sorted(lines) == sorted(
        [
            f'{cameras}{{agreement="declared_and_seen",period="day",place="FARTHER"}} 1.0',
            f'{cameras}{{agreement="seen_not_declared",period="day",place="FARTHER"}} 1.0',
            f'{cameras}{{agreement="declared_not_seen",period="night",place="FARTHER"}} 1.0',
            f'{cameras}{{agreement="declared_unproven",period="day",place="BEHIND"}} 1.0',
            f'{cameras}{{agreement="declared_unproven",period="night",place="BEHIND"}} 1.0',
            f'{only}{{basis="design",period="day"}} 1.0',
            f'{only}{{basis="design",period="night"}} 2.0',
            f'{only}{{basis="effective",period="day"}} 0.0',
            f'{only}{{basis="effective",period="night"}} 1.0',
        ]
    )


TOLD = {
    "en": (
        "declared only, in no ratio: design day 1/24 (1 contradicted by geometry)",
        "    declared CAM01: geometry agrees, 100.0%",
        "    declared CAM09: geometry does not see it, does not work now, ",
    ),
    "zh": (
        "仅挂接（不计入覆盖率）： 设计 白天 1/24（其中 1 处与几何矛盾）",
        "    挂接 CAM01: 几何一致，100.0%",
        "    挂接 CAM09: 几何上看不到，目前不可用，",
    ),
}


@pytest.mark.parametrize("language", TOLD)
def test_the_table_of_the_demo(repository: Path, language: str):
    demo = read_site(repository / "config" / "demo-mine").site
    model = CoverageModel(demo.scene)
    sights = {one.id: Sight() for one in demo.cameras} | {"CAM09": Sight(SightState.BLIND, "black")}
    lines = table(demo, model, answers_of(demo, model, sights, {}, NOW), DAY, language).splitlines()
    for said in TOLD[language]:
        assert len([line for line in lines if line.startswith(said)]) == 1, said
