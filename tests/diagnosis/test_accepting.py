"""What a person accepts is the norm from then on, whoever else writes; chatter is said; hours become means."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from batches import scene

from cammon.clock import SystemClock
from cammon.desk import SiteDesk
from cammon.foresight import foreseen
from cammon.service.chatter import SWITCHES, Chatter
from cammon.service.looks import measures_of
from cammon.service.references import References
from cammon.service.service import Service
from cammon.sitefiles.reader import read_site
from cammon.store import pictures, references, trends
from cammon.store.opening import open_store
from cammon.trend import Measures
from cammon_probes.model import Fault, Finding, ProbeKind, Reading
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.reference import Reference, reference_from
from cammon_web.desk import Role, User

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OLD, NEW = reference_from([scene(seed=1)]), reference_from([scene(seed=2)])


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "cammon.sqlite") as opened:
        yield opened


def likes(known, seed):
    """How alike a stored reference and a scene are, -1 to 1."""
    frame = prepare(scene(seed=seed))
    return float(np.dot(known.sketches[-1].layout, frame.layout) / frame.layout.size)


def reading(minute=0, **found):
    return Reading("C1", ProbeKind.PICTURE, NOW + timedelta(minutes=minute), **found)


def test_a_look_that_began_before_does_not_undo_what_was_accepted(store):
    with store.engine.begin() as connection:
        references.save(connection, "s", "C1", OLD, NOW)
        references.accept(connection, "s", "C1", NEW, NOW, "li")
        references.save(connection, "s", "C1", OLD, NOW, None)
        assert likes(references.one(connection, "s", "C1"), 2) > 0.9
        references.save(connection, "s", "C1", OLD, NOW, NOW)
        assert likes(references.one(connection, "s", "C1"), 1) > 0.9
        assert references.accepted(connection, "s") == {"C1": NOW}
        assert references.accepted_by(connection, "s", "C1") == (NOW, "li")
        assert references.accepted_by(connection, "s", "C9") == (None, "")


def test_the_service_forgets_what_it_had_learnt_before():
    known = References([("C1", OLD)])
    known.adopt("C1", NEW, NOW)
    assert likes(known.of("C1"), 2) > 0.9
    assert known.accepted_at("C1") == NOW
    assert known.learn(reading(), prepare(scene(seed=2))) is not None


def test_an_acceptance_during_a_look_wins(monkeypatch):
    known = References([("C1", OLD)])
    after = Reference.after

    def accepted_meanwhile(self, frame, *arguments):
        monkeypatch.setattr(Reference, "after", after)
        known.adopt("C1", NEW, NOW)
        return after(self, frame, *arguments)

    monkeypatch.setattr(Reference, "after", accepted_meanwhile)
    assert known.learn(reading(), prepare(scene(seed=1))) is None
    assert likes(known.of("C1"), 2) > 0.9


def test_nothing_is_learnt_while_something_is_wrong():
    known = References([])
    assert known.learn(reading(), prepare(scene()), calm=False) is None
    assert known.of("C1").sketches == ()
    assert known.learn(reading(1), prepare(scene())) is not None


def test_who_confirms_a_first_view_keeps_what_was_learnt(store, tmp_path):
    (tmp_path / "site.toml").write_text('name = "Mine"\nid = "s"\n', "utf-8")
    rows = ("C1,127.0.0.1,fixed", "C2,127.0.0.2,fixed", "C3,127.0.0.3,mobile", "C4,127.0.0.4,fixed")
    (tmp_path / "cameras.csv").write_text("id,address,kind\n" + "\n".join(rows) + "\n", "utf-8")
    with store.engine.begin() as connection:
        for camera in ("C1", "C2", "C3"):
            references.save(connection, "s", camera, OLD, NOW)
            pictures.keep_good(connection, "s", camera, "day", NOW, b"day")
            pictures.keep_good(connection, "s", camera, "infrared", NOW, b"night")
            pictures.replace_newest(connection, "s", camera, NOW, b"now")
    service = Service(read_site(tmp_path).site, store, SystemClock())
    desk = SiteDesk(service, store)
    li = User("li", Role.OPERATOR)
    assert [(view.id, len(view.pictures)) for view in desk.first_views()] == [("C1", 2), ("C2", 2)]
    assert desk.picture(desk.first_views()[0].pictures[0][0]).jpeg == b"day"
    assert desk.status().unconfirmed == 2
    assert [desk.confirm_view(camera, li) for camera in ("C1", "C1", "C4", "C9")] == [True, False, False, False]
    assert [view.id for view in desk.first_views()] == ["C2"]
    assert [desk.camera(camera).unconfirmed for camera in ("C1", "C2", "C3", "C4")] == [False, True, False, False]
    with store.reading() as connection:
        assert references.accepted_by(connection, "s", "C1")[1] == "li"
        assert len(references.one(connection, "s", "C1").sketches) == len(OLD.sketches)
        assert pictures.good(connection, "s", "C1").keys() == {"day", "infrared"}


def test_good_pictures_are_kept_by_light_and_forgotten_when_another_view_is_accepted(store):
    with store.engine.begin() as connection:
        for light, body in (("day", b"1"), ("infrared", b"2"), ("day", b"3")):
            pictures.keep_good(connection, "s", "C1", light, NOW, body)
        number = pictures.replace_newest(connection, "s", "C1", NOW, b"now")
        assert {light: one.jpeg for light, one in pictures.good(connection, "s", "C1").items()} == {
            "day": b"3",
            "infrared": b"2",
        }
        assert pictures.newest_ids(connection, "s") == {"C1": (number, NOW)}
        pictures.forget_good(connection, "s", "C1")
        assert pictures.good(connection, "s", "C1") == {}


def test_hours_become_means(store):
    with store.engine.begin() as connection:
        for minute, sharpness in ((0, 1.0), (59, 3.0), (61, 9.0)):
            measures = Measures("day", sharpness, 100.0 + minute, 80.0)
            trends.add(connection, "s", [("C1", NOW + timedelta(minutes=minute), measures)])
        rows = trends.of_camera(connection, "s", "C1", NOW, UTC)
        assert [(row.hour.hour, row.sharpness, row.contrast) for row in rows] == [(12, 2.0, 129.5), (13, 9.0, 161.0)]
        assert trends.forget_before(connection, NOW + timedelta(hours=1)) == 1


def test_a_lens_that_gets_dirty_is_foreseen_from_the_store(store):
    site = SimpleNamespace(id="s", time_zone=UTC)
    with store.engine.begin() as connection:
        for hour in range(24 * 30):
            for camera, per_day in (("C1", 0.01), ("C2", 0.0)):
                at = NOW - timedelta(hours=24 * 30 - hour)
                light = "infrared" if at.hour < 6 else "day"
                trends.add(connection, "s", [(camera, at, Measures(light, 3.0 - per_day * hour / 24, 100.0, 90.0))])
    found = foreseen(store, site, ["C1", "C2"], NOW)
    assert list(found) == ["C1"]
    assert found["C1"].days_left == pytest.approx(5, abs=1.5)


def test_only_what_dirt_can_do_enters_the_trend():
    frame = prepare(scene())
    assert measures_of(frame, reading()).light == "day"
    soft = Finding(Fault.BLUR, 0.9, 1.0, "", bad=True)
    assert measures_of(frame, reading(findings=(soft,))) is not None
    hidden = Finding(Fault.PARTIAL, 0.9, 1.0, "", bad=True)
    assert measures_of(frame, reading(findings=(hidden,))) is None
    gray = prepare(cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY))
    assert measures_of(gray, reading()).light == "infrared"


@pytest.mark.parametrize(
    ("apart_min", "switches", "chatters"),
    [(5, SWITCHES, True), (5, SWITCHES - 1, False), (60, SWITCHES, False), (5, 30, True)],
)
def test_chatter(apart_min, switches, chatters):
    chatter = Chatter()
    heard = [
        chatter.heard("C1", (Note.LIGHT_SWITCHED,), NOW + timedelta(minutes=apart_min * number))
        for number in range(switches)
    ]
    assert heard[-1] is chatters
    assert not chatter.heard("C2", (Note.LIGHT_SWITCHED,), NOW)
    assert not chatter.heard("C1", (), NOW + timedelta(days=1))
