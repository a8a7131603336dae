"""The bank of good frames: what it keeps, what a person renews, how it is stored, what it says of itself."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from streams import drawn

from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.kept import as_bytes, from_bytes
from cammon_probes.picture.reference import ANCHORS, MOST_SKETCHES, Light, Reference, reference_from, seasoned
from cammon_probes.picture.registry import judge
from cammon_probes.picture.view import PLAIN, View

WIDTH, HEIGHT = 320, 180


def scene(seed=1, width=WIDTH, height=HEIGHT):
    return drawn(width, height, seed)


def at_light(light):
    frame = scene()
    if light is Light.DUSK:
        return (frame * 0.3).astype(np.uint8)
    return (
        cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) if light is Light.INFRARED else frame
    )


@pytest.mark.parametrize("light", Light)
def test_the_first_few_of_each_light_are_anchors(light):
    bank = reference_from([scene()] * (ANCHORS + 2) + [at_light(light)] * 2)
    assert sum(one.anchor and one.light is Light.DAY for one in bank.sketches) == ANCHORS
    assert bank.sketches[-1].light is light
    assert bank.sketches[-1].anchor is (light is not Light.DAY)


def grown(hours):
    bank = Reference()
    for hour in hours:
        bank = bank.with_good(prepared_scene, hour=hour)
    return bank


prepared_scene = prepare(scene())


def test_a_full_bank_keeps_its_anchors_and_some_of_every_hour():
    bank = grown([8.0] * 40 + [float(hour) for hour in range(24)] + [8.5] * 40)
    assert len(bank.sketches) == MOST_SKETCHES
    assert [one.hour for one in bank.sketches if one.anchor] == [8.0, 0.0, 2.0]
    assert {int(one.hour // 3) for one in bank.sketches} == set(range(8))
    assert bank.sketches[-1].hour == 8.5


def test_a_night_among_long_days_stays_seasoned():
    by_day, by_night = prepared_scene, prepare(at_light(Light.INFRARED))
    bank = Reference()
    for look in range(4 * 24):
        hour = look % 24
        bank = bank.with_good(by_day if 4 <= hour < 20 else by_night, hour=hour)
        if look >= 24:
            assert seasoned(bank.like(by_night)), f"not seasoned after look {look}"
            assert seasoned(bank.like(by_day))


def test_a_clear_day_stays_known_through_a_dull_week():
    shaded = scene()
    shaded[HEIGHT // 4 :, : WIDTH // 2] //= 2
    clear, dull = prepare(shaded), prepared_scene
    bank = grown([0.0, 3.0, 6.0, 9.5]).with_good(clear, hour=10.0)
    for day in range(20):
        for hour in (0.5, 3.5, 7.0, 10.0, 10.5, 11.0, 13.0, 16.0):
            bank = bank.with_good(dull, hour=hour + day / 100)
    assert sum(np.array_equal(one.thumb, clear.thumb) for one in bank.sketches) == 1


def test_renewing_forgets_the_old_view():
    bank = grown([1.0] * 20).renewed([scene(2), scene(2)], hour=9.0)
    assert [(one.anchor, one.hour) for one in bank.sketches] == [(True, 9.0)] * 2


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 1080), (352, 288), (64, 48), (360, 640)])
def test_a_camera_needs_300_kb(width, height):
    """The largest bank as it lies in memory (the arrays; the numbers beside them are under 2 kB each) and as stored."""
    frame = prepare(cv2.resize(scene(), (width, height)))
    bank = Reference(tuple([grown([1.0]).with_good(frame).sketches[-1]] * MOST_SKETCHES)).after(frame)
    held = sum(
        one.thumb.nbytes + one.layout.nbytes + one.orientation_grid.nbytes + one.spectrum.nbytes + 2000
        for one in bank.sketches
    )
    assert held + bank.last.blocks.nbytes + bank.last.calm.nbytes < 300_000
    assert len(as_bytes(bank)) < 300_000


def test_a_stored_bank_comes_back_whole():
    bank = grown([None, 3.0, 23.5])
    found = from_bytes(as_bytes(bank))
    assert found == bank
    for was, now in zip(bank.sketches, found.sketches, strict=True):
        for name in ("orientation_grid", "layout", "thumb", "spectrum"):
            assert np.array_equal(getattr(was, name), getattr(now, name))


@pytest.mark.parametrize("body", [b"", b"x", b"PK" + bytes(30), as_bytes(Reference())[:-30]], ids=len)
def test_damaged_bytes_are_no_reference(body):
    assert from_bytes(body) is None


def test_bytes_of_another_version_are_no_reference(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("cammon_probes.picture.kept.FORMAT", 1)
        old = as_bytes(grown([1.0]))
    assert from_bytes(old) is None


GRAY = at_light(Light.INFRARED)


@pytest.mark.parametrize(
    ("frame", "reference", "view", "notes"),
    [
        (scene(), None, PLAIN, {Note.NO_HISTORY}),
        (scene(), Reference(), PLAIN, {Note.NO_HISTORY}),
        (scene(), grown([1.0]), PLAIN, {Note.YOUNG_HISTORY}),
        (scene(), grown([1.0, 7.0, 13.0, 19.0]), PLAIN, set()),
        (GRAY, grown([1.0]), PLAIN, {Note.NO_HISTORY_OF_LIGHT}),
        (scene(1, 200, 180), grown([1.0]), PLAIN, {Note.OTHER_SIZE}),
        (scene(), grown([1.0]), View(away=True), {Note.AWAY}),
        (scene(), grown([1.0]).after(GRAY), PLAIN, {Note.YOUNG_HISTORY, Note.LIGHT_SWITCHED}),
    ],
    ids=["never seen", "empty bank", "young", "known", "only by day", "another shape", "away", "infrared went off"],
)
def test_notes(frame, reference, view, notes):
    assert set(judge(frame, reference, view=view).notes) == notes


MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def test_a_privacy_mask_hides_its_part_from_every_measure():
    view = View(privacy=(MASK,))
    other = scene()
    other[:, : WIDTH // 2 + 1] = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH // 2 + 1, 3))
    assert np.array_equal(prepare(scene(), view).small, prepare(other, view).small)


@pytest.mark.parametrize(
    "wrong", [{"privacy": (((0.0, 0.0), (1.0, 1.0)),)}, {"hfov_deg": 0.0}, {"hfov_deg": 400.0}], ids=str
)
def test_a_view_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"privacy mask|angle of view"):
        View(**wrong)


def test_a_reference_is_a_value():
    empty = Reference()
    assert empty.with_good(scene()) != empty
    assert empty.sketches == ()
    assert replace(empty) == empty
