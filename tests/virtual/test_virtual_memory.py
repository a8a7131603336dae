"""Cameras that answer from memory: hundreds of them, each on an address of its own."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise

import pytest

from cammon.virtual.model import CameraSpec, FleetOptions, Login
from cammon.virtual.pattern import TestPattern
from cammon.virtual.specs import many
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import frames, picture, snapshot

MEMORY = FleetOptions(from_memory=True, send_fps=20.0, control_port=0)


class Counting(TestPattern):
    """Counts how many pictures were drawn."""

    __test__ = False

    def __init__(self):
        self.drawn = 0

    def frame(self, *args, **more):
        self.drawn += 1
        return super().frame(*args, **more)


def test_three_hundred_addresses_each_answer_and_share_one_film(fleet_with):
    pictures = Counting()
    fleet = fleet_with(*many(300), pictures=pictures, options=MEMORY)
    names = list(fleet.state()["cameras"])
    endpoints = [fleet.endpoint(name) for name in names]
    assert len({endpoint.host for endpoint in endpoints}) == 300

    def look(endpoint):
        with Dialogue(endpoint) as viewer:
            return viewer.ask("DESCRIBE").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, endpoints)) == {200}
    assert pictures.drawn == 0
    shapes = {picture(endpoint).shape for endpoint in endpoints[:20]}
    assert shapes == {(360, 640, 3)}
    assert pictures.drawn == 40  # eight scenes of five pictures, once for all


def test_looks_in_a_row_differ_unless_frozen(fleet_with):
    fleet = fleet_with(*many(1), options=MEMORY)
    endpoint = fleet.endpoint("M00001")
    looks = [picture(endpoint).tobytes() for _ in range(4)]
    assert all(before != after for before, after in pairwise(looks))
    fleet.put("M00001", "frozen")
    assert len({picture(endpoint).tobytes() for _ in range(3)}) == 1


@pytest.mark.parametrize("running", [False, True], ids=["before", "while it plays"])
def test_faults_reach_films(fleet_with, running):
    fleet = fleet_with(*many(2), options=MEMORY)
    stream = frames(fleet.endpoint("M00001"))
    if running:
        next(stream)
    fleet.put("M00001", "black")
    assert any(frame.to_ndarray(format="gray")[100:200].mean() < 25 for frame in islice(stream, 40))
    assert picture(fleet.endpoint("M00002"))[100:200].mean() > 40


def test_it_plays_round_and_round(fleet_with):
    fleet = fleet_with(*many(1), options=FleetOptions(from_memory=True, send_fps=200.0))
    some = list(islice(frames(fleet.endpoint("M00001")), 100))
    assert not any(frame.is_corrupt for frame in some[1:])
    assert len({frame.to_ndarray(format="gray").tobytes() for frame in some}) <= 41


def test_snapshots_too(fleet_with):
    fleet = fleet_with(CameraSpec("CAM01", login=Login("admin", "word")), options=MEMORY)
    looks = [snapshot(fleet.endpoint("CAM01")).content for _ in range(3)]
    assert len(set(looks)) == 3
    assert all(look.startswith(b"\xff\xd8") for look in looks)
