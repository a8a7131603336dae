"""References: stored whole, learnt only from healthy and unremarkable pictures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from cammon.service.chatter import SWITCHES, Chatter
from cammon.service.references import LEARN_EVERY, References
from cammon.store import references
from cammon.store.opening import Store
from cammon.store.schema import reference as table
from cammon_probes.model import Fault, Finding, Frame, ProbeKind, Reading
from cammon_probes.picture.frame import PreparedFrame, prepare
from cammon_probes.picture.reference import ANCHORS, Reference, reference_from
from cammon_probes.picture.registry import judge

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def picture(seed: int) -> PreparedFrame:
    return prepare(scene(seed))


def scene(seed: int) -> Frame:
    """A coloured picture with structure."""
    noise = np.random.default_rng(seed).integers(0, 255, (36, 64, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (640, 360), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def test_a_reference_comes_back_whole(store: Store) -> None:
    known = reference_from([scene(1), scene(2)])
    with store.engine.begin() as connection:
        references.save(connection, "mine", "C", known, NOW)
        references.save(connection, "mine", "C", known, NOW)
        (found,) = references.load(connection, "mine").values()
    assert found == known
    for was, now in zip(known.sketches, found.sketches, strict=True):
        assert np.array_equal(was.orientation_grid, now.orientation_grid)
        assert np.array_equal(was.layout, now.layout)


def test_one_that_cannot_be_read_is_left_out(store: Store) -> None:
    with store.engine.begin() as connection:
        references.save(connection, "mine", "good", reference_from([scene(1)]), NOW)
        for name, body in (("text", b"x"), ("empty", b""), ("other", b"PK" + bytes(30))):
            connection.execute(table.insert().values(site="mine", camera=name, sketches=body, at=NOW))
        assert set(references.load(connection, "mine")) == {"good"}


def reading(second: float, score: float = 0.0, bad: bool = False) -> Reading:
    finding = Finding(Fault.BLUR, score, 0.0, "", bad)
    return Reading("C", ProbeKind.PICTURE, NOW + timedelta(seconds=second), findings=(finding,))


@pytest.mark.parametrize(
    ("one", "learns"),
    [
        (reading(0), True),
        (reading(0, 0.6), False),
        (reading(0, 1.0, True), False),
        (replace(reading(0), fault=Fault.WRONG_FORMAT), False),
    ],
    ids=["healthy", "remarkable", "bad", "another fault"],
)
def test_only_good_pictures_are_learnt(one: Reading, learns: bool) -> None:
    bank = References([])
    assert (bank.learn(one, picture(1)) is not None) is learns
    known = bank.of("C")
    assert known is not None
    assert known.last is not None
    assert len(known.sketches) == learns


def test_the_first_few_at_once_then_slowly() -> None:
    bank = References([("C", Reference())])
    learnt = [bank.learn(reading(15 * turn), picture(turn)) is not None for turn in range(ANCHORS + 5)]
    assert learnt == [True] * ANCHORS + [False] * 5
    assert bank.learn(reading(15 * ANCHORS + LEARN_EVERY.total_seconds()), picture(99)) is not None


def test_many_cameras_learn_one_after_the_other() -> None:
    bank, frame = References([]), picture(1)
    first = [bank.learn(replace(reading(0), camera=f"C{number}"), frame) is not None for number in range(40)]
    assert first == [True] * 24 + [False] * 16
    later = [bank.learn(replace(reading(2), camera=f"C{number}"), frame) is not None for number in range(24, 40)]
    assert later == [True] * 4 + [False] * 12


def test_a_full_disk_costs_memory_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cammon.service.references.os.pwrite", full)
    bank = References([("C", Reference())])
    bank.learn(reading(0), picture(1))
    known = bank.of("C")
    assert known is not None
    assert len(known.sketches) == 1


def test_pictures_out_of_order_are_learnt_once_and_break_nothing() -> None:
    """A worker that was cut off hands its looks in late: they are judged, and the newest learnt stays the newest."""
    bank = References([])
    for number in range(ANCHORS):
        assert bank.learn(reading(3600 * number), picture(1), float(number)) is not None
    late = [bank.learn(reading(second), picture(1), 1.0) for second in (1800, 0, 5400)]
    assert late == [None] * 3
    assert bank.learn(reading(3600 * ANCHORS + 1800), picture(1), float(ANCHORS)) is not None


def test_a_camera_that_chatters_is_told_and_not_called_faulty() -> None:
    tones = np.random.default_rng(1).integers(20, 200, (18, 32, 3), dtype=np.uint8)
    colour = np.asarray(cv2.resize(tones, (640, 360), interpolation=cv2.INTER_NEAREST), np.uint8)
    gray = np.repeat(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    bank, chatter, heard = References([]), Chatter(), []
    for number in range(24):
        noise = np.random.default_rng(number).integers(0, 4, (*colour.shape[:2], 1), np.uint8)
        frame = prepare((colour, gray)[number % 3 == 0] + noise)
        at = NOW + timedelta(minutes=5 * number)
        judged = judge(frame, bank.of("C"))
        assert judged.verdict is None, number
        heard.append(chatter.heard("C", judged.notes, at))
        bank.learn(Reading("C", ProbeKind.PICTURE, at, findings=judged.findings), frame, number / 12)
    assert heard.index(True) <= 2 * SWITCHES
    assert heard[-1]
