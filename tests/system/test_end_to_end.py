"""The main job with real processes: a camera breaks, its key place goes dark everywhere; repaired, all is well."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from system_processes import PROMPT_S, Person, Running, cammon, copy_of_demo, eventually, free_port

PICTURE_S = 3.0
MAGAZINE_CAMERA = "CAM24"


@dataclass
class System:
    """A healthy demo: virtual cameras and the service, each a process, and a person who has logged in."""

    site: Path
    store: Path
    service: Running
    person: Person
    control: str
    port: int

    def put(self, path: str) -> None:
        assert requests.put(self.control + path, timeout=10).ok

    def delete(self, path: str) -> None:
        assert requests.delete(self.control + path, timeout=10).ok

    def coverage(self) -> dict:
        done = cammon("coverage", self.site, "--json", "--no-proof", "--store", self.store)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def upgrades(self) -> list[dict]:
        done = cammon("upgrades", self.site, "--json", "--store", self.store)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["rows"]

    def effective(self, period: str) -> float | None:
        return self.person.metric("cammon_coverage_ratio", basis="effective", period=period)

    def healthy(self) -> bool:
        """Every camera looked at and working; the coverage is that of the design."""
        status = self.person.json("/api/status")
        return status["health"]["ok"] == 24 and all(
            self.effective(period) == self.person.metric("cammon_coverage_ratio", basis="design", period=period)
            for period in ("day", "night")
        )


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    site = copy_of_demo(folder / "site", "21.7", liveness_s=2.0, picture_s=PICTURE_S, dead_max_s=4.0)
    store, port, control_port = folder / "cammon.sqlite", free_port(), free_port()
    with Running("virtual", site, "--control-port", str(control_port)) as fleet:
        fleet.wait_for("ready")
        with Running("serve", site, "--port", str(port), "--store", store, "--language", "en") as service:
            url = service.wait_for(r"first login \(once\): (\S+)")[1]
            service.wait_for("ready")
            person = Person(f"http://127.0.0.1:{port}")
            person.first_login(url)
            made = System(site, store, service, person, f"http://127.0.0.1:{control_port}", port)
            eventually("all cameras healthy", made.healthy, 60.0)
            yield made
            status, took_s = service.end(signal.SIGINT)
            assert (status, took_s < PROMPT_S) == (0, True)
        status, took_s = fleet.end(signal.SIGINT)
        assert (status, took_s < PROMPT_S) == (0, True)


def magazine(system: System) -> tuple[str, str]:
    """The key place that one camera alone covers: its id and its name."""
    found = [
        (place["id"], place["name"])
        for place in system.coverage()["key_places"]
        if [seen["camera"] for seen in place["design"]["day"]["cameras"]] == [MAGAZINE_CAMERA]
    ]
    assert len(found) >= 1
    return found[0]


def test_a_black_picture_darkens_the_magazine_everywhere_and_back(system: System) -> None:
    place, name = magazine(system)
    before = {period: system.effective(period) for period in ("day", "night")}

    def covered(period: str) -> float | None:
        return system.person.metric("cammon_key_place_covered", place=place, basis="effective", period=period)

    assert covered("day") == 1.0
    assert name not in dark_names(system)
    assert broken(system) == []

    system.put(f"/cameras/{MAGAZINE_CAMERA}/faults/black")
    eventually("the incident is open", lambda: fault_metric(system, MAGAZINE_CAMERA, "black") == 1.0, 3 * PICTURE_S)
    for period in ("day", "night"):
        ratio = system.effective(period)
        assert ratio is not None
        assert before[period] is not None
        assert ratio < before[period]
        assert covered(period) == 0.0
    page = system.person.page("/")
    assert name in page
    assert "black" in page
    row = next(row for row in system.person.json("/api/status")["dark"] if row["id"] == place)
    assert row["since"]
    assert blamed(row) == {(MAGAZINE_CAMERA, "black")}
    (upgrade,) = broken(system)
    assert upgrade["subject"] == MAGAZINE_CAMERA
    assert place in {gain["place"] for gain in upgrade["gains"]}

    system.delete(f"/cameras/{MAGAZINE_CAMERA}/faults/black")
    eventually("the incident is closed", lambda: not fault_metric(system, MAGAZINE_CAMERA, "black"), 6 * PICTURE_S)
    assert covered("day") == 1.0
    assert {period: system.effective(period) for period in ("day", "night")} == before
    assert name not in dark_names(system)
    assert broken(system) == []


def test_a_switch_without_power_is_one_cause_and_comes_back(system: System) -> None:
    before = {period: system.effective(period) for period in ("day", "night")}
    behind = {row["id"] for row in system.person.json("/api/cameras")["cameras"] if row["switch"] == "SW2"}
    assert len(behind) > 2
    assert broken(system) == []

    system.put("/switches/SW2/down")
    eventually("all behind it are down", lambda: down(system) == behind, 40.0)
    for period in ("day", "night"):
        assert (system.effective(period) or 0.0) < (before[period] or 0.0)
    groups = system.person.json("/api/status")["new"]
    assert [(group["kind"], group["id"]) for group in groups] == [("switch", "SW2")]
    assert "SW2" in system.person.page("/")
    dark = system.person.json("/api/status")["dark"]
    assert {camera for row in dark for camera, _ in blamed(row)} <= behind
    assert any(blamed(row) for row in dark)
    rows = broken(system)
    assert [(row["kind"], row["subject"]) for row in rows] == [("switch", "SW2")]
    assert rows[0]["gains"]

    system.delete("/switches/SW2/down")
    eventually("all behind it are back", lambda: system.healthy(), 60.0)
    assert {period: system.effective(period) for period in ("day", "night")} == before
    assert broken(system) == []


def test_a_killed_service_loses_no_confirmed_incident(system: System) -> None:
    camera = "CAM01"
    system.put(f"/cameras/{camera}/faults/black")
    eventually("the incident is open", lambda: fault_metric(system, camera, "black") == 1.0, 5 * PICTURE_S)
    since = since_of(system, camera)
    os.kill(system.service.process.pid, signal.SIGKILL)
    system.service.process.wait()
    again = Running("serve", system.site, "--port", str(system.port), "--store", system.store, "--language", "en")
    system.service.__exit__()
    system.service.__dict__.update(again.__dict__)
    system.service.wait_for("ready")
    assert fault_metric(system, camera, "black") == 1.0
    assert since_of(system, camera) == since
    second = cammon("serve", system.site, "--port", str(free_port()), "--store", system.store)
    assert second.returncode == 2
    assert "in use by another cammon" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    system.delete(f"/cameras/{camera}/faults/black")
    eventually("all healthy", system.healthy, 40.0)


def dark_names(system: System) -> set[str]:
    return {row["name"] for row in system.person.json("/api/status")["dark"]}


def since_of(system: System, camera: str) -> str:
    groups = system.person.json("/api/status")["open"]
    (found,) = [one["since"] for group in groups for one in group["incidents"] if one["camera"] == camera]
    return str(found)


def blamed(row: dict) -> set[tuple[str, str]]:
    """The faulty cameras that a key place's reasons name, with their faults."""
    faulty = [reason["params"] for reason in row["reasons"] if reason["code"] == "camera_faulty"]
    return {(params["camera"], params["fault"]) for params in faulty}


def fault_metric(system: System, camera: str, fault: str) -> float | None:
    return system.person.metric("cammon_camera_fault", camera=camera, fault=fault)


def broken(system: System) -> list[dict]:
    return [row for row in system.upgrades() if row["reason"] == "broken"]


def down(system: System) -> set[str]:
    rows = system.person.json("/api/cameras")["cameras"]
    return {row["id"] for row in rows if row["health"] == "faulty"}
