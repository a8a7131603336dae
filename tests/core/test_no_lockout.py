"""Hours of the real schedule against boxes that lock like real ones: no account is ever locked."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from cammon.store.opening import Store
from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions, Login, StreamSpec
from cammon_probes.liveness import liveness
from cammon_probes.model import Credential, Deadline, Fault, ProbeKind
from tests.core.lockout_world import TurnedClock, World
from tests.system.system_processes import free_port

RIGHT = "richtig 1"
CHANNELS = tuple(f"CH{number:02}" for number in range(1, 17))


def recorder(host: str = "127.0.0.1", names: tuple[str, ...] = CHANNELS, user: str = "admin") -> list[CameraSpec]:
    """The channels of one recorder: one address, one account."""
    rtsp, onvif = free_port(), free_port()
    return [
        CameraSpec(
            name,
            host,
            rtsp,
            onvif,
            StreamSpec(f"/{name}/main", 320, 180),
            StreamSpec(f"/{name}/sub", 160, 90),
            Login(user, RIGHT, name="nvr"),
        )
        for name in names
    ]


@pytest.fixture
def world(tmp_path: Path, store: Store) -> Iterator[Callable[..., World]]:
    """A world on the boxes given."""
    with ExitStack() as stack:

        def made(*boxes: list[CameraSpec], attempts: int = 5) -> World:
            clock = TurnedClock()
            options = FleetOptions(send_fps=50.0, from_memory=True, login_attempts=attempts)
            cameras = [camera for box in boxes for camera in box]
            fleet = stack.enter_context(running_fleet(cameras, options=options, clock=clock))
            folder = tmp_path / "site"
            folder.mkdir()
            return World(folder, store, fleet, clock)

        yield made


def on(credential: str, names: tuple[str, ...] = CHANNELS) -> list[tuple[str, str]]:
    return [(name, credential) for name in names]


@pytest.mark.parametrize(("attempts", "channels"), [(5, 16), (3, 2)])
def test_twelve_hours_with_a_wrong_password_are_two_refused_logins(
    world: Callable[..., World], attempts: int, channels: int
) -> None:
    nvr = world(recorder(names=CHANNELS[:channels]), attempts=attempts)
    nvr.write(on("nvr", CHANNELS[:channels]), nvr="admin:wrong")
    nvr.run(0.4)
    assert nvr.refused("CH01") == 1
    nvr.run(11.6)
    assert nvr.refused("CH01") == 2, "once at the start, once after the pause"
    assert nvr.made > 40 * channels
    assert not any(nvr.seen())
    nvr.give("nvr", f"admin:{RIGHT}")
    nvr.run(0.7)
    assert all(nvr.seen()), "each camera is back with its next look"
    assert nvr.refused("CH01") == 2


def test_a_password_changed_at_the_recorder_then_a_restart_then_rotation(world: Callable[..., World]) -> None:
    nvr = world(recorder())
    nvr.write(on("nvr"), nvr=f"admin:{RIGHT}")
    nvr.run(0.4)
    assert all(nvr.seen())
    nvr.fleet.change_password("CH07", "neu")
    nvr.run(0.2)
    assert nvr.refused("CH01") == 1, "one of sixteen channels finds out, over whatever it asked first"
    nvr.start()
    nvr.run(0.2)
    assert nvr.refused("CH01") == 1, "a restart does not forget"
    assert not any(nvr.seen())
    nvr.give("nvr", "admin:neu")
    nvr.run(0.7)
    assert all(nvr.seen())
    assert nvr.refused("CH01") == 1


def test_a_password_put_right_at_the_device_is_found_after_the_pause(world: Callable[..., World]) -> None:
    box = world(recorder(names=("CH01", "CH02")))
    box.write(on("nvr", ("CH01", "CH02")), nvr="admin:neu")
    box.run(0.1)
    box.fleet.change_password("CH01", "neu")
    box.run(0.3)
    assert not any(box.seen())
    box.run(0.6)
    assert all(box.seen())
    assert box.refused("CH01") == 1


def test_two_credentials_at_one_host_and_one_credential_at_two_hosts(world: Callable[..., World]) -> None:
    names = {"admin": ("A1", "A2"), "viewer": ("B1", "B2")}
    box, second = recorder(names=names["admin"]), recorder("127.0.0.2", ("C1",))
    box += [
        replace(one, rtsp_port=box[0].rtsp_port, onvif_port=box[0].onvif_port)
        for one in recorder(names=names["viewer"], user="viewer")
    ]
    site = world(box, second)
    cameras = on("first", names["admin"]) + on("other", names["viewer"]) + on("first", ("C1",))
    site.write(cameras, first="admin:wrong", other=f"viewer:{RIGHT}")
    site.run(0.4)
    assert site.seen() == [False, False, True, True, False]
    assert (site.refused("A1"), site.refused("C1")) == (1, 1)


def test_a_look_that_waits_for_its_picture_holds_up_no_other_channel(world: Callable[..., World]) -> None:
    box = world(recorder(names=("CH01", "CH02")))
    box.write(on("nvr", ("CH01", "CH02")), nvr=f"admin:{RIGHT}")
    box.fleet.put("CH01", "no_packets")
    first, second = box.site.cameras
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(box.looker.look, first, ProbeKind.PICTURE, box.clock.now())
        while not box.fleet.state()["cameras"]["CH01"]["sessions"]:
            time.sleep(0.01)
        time.sleep(0.1)
        other = box.looker.look(second, ProbeKind.PICTURE, box.clock.now())
        assert not waiting.done()
        box.fleet.clear("CH01")
        delivery = waiting.result(30)
    assert other is not None
    assert other.reading.fault is None
    assert delivery is not None
    assert delivery.reading.fault is None


def test_two_names_for_one_login_are_refused_once(world: Callable[..., World]) -> None:
    box = world(recorder(names=("CH01", "CH02")))
    box.write([("CH01", "one"), ("CH02", "two")], one="admin:wrong", two="admin:wrong")
    box.run(0.4)
    assert box.refused("CH01") == 1


def test_an_account_that_somebody_else_has_locked_is_left_alone_and_found_again(world: Callable[..., World]) -> None:
    box = world(recorder(names=("CH01", "CH02")))
    box.write(on("nvr", ("CH01", "CH02")), nvr=f"admin:{RIGHT}")
    stranger = replace(box.fleet.endpoint("CH01"), credential=Credential("x", "admin", "guess"))
    for _ in range(5):
        liveness(stranger, box.clock.now(), Deadline.after(5.0, time.monotonic))
    told = box.fleet.state()["cameras"]["CH01"]
    assert (told["failed_logins"], told["locked"]) == (5, ["admin"])
    box.run(0.05)
    assert {track.fault for health in box.healths.values() for track in health.tracks.values()} == {Fault.AUTH_LOCKED}
    box.run(1.0)
    assert all(box.seen())
    assert box.refused("CH01") == 5
