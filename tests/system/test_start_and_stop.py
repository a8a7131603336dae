"""Starting and stopping as people do: what is wrong is said in one line, the end comes at once."""

import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from system_processes import PROMPT_S, Person, Running, cammon, eventually, free_port

LEDGER_HEAD = "id,name,address,rtsp_path\n"


def site_of(folder: Path, rows: str, settings: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text('name = "Test"\nlanguage = "en"\n' + settings, "utf-8")
    (folder / "cameras.csv").write_text(LEDGER_HEAD + rows, "utf-8")
    return folder


def test_a_port_in_use(tmp_path: Path) -> None:
    site = site_of(tmp_path / "site", "A,a,127.0.0.1:1,/x\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = cammon("serve", site, "--port", str(taken.getsockname()[1]))
    assert_one_line(done, "Address already in use", "--port")


def test_a_missing_folder(tmp_path: Path) -> None:
    assert_one_line(cammon("serve", tmp_path / "none"), "none")


def test_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    site = site_of(tmp_path / "site", "A,a,127.0.0.1:1,/x\n")
    # Nobody, not even root, can make files there.
    assert_one_line(cammon("serve", site, "--store", "/proc/cammon.sqlite"), "/proc", "--store")


def test_a_broken_site_file(tmp_path: Path) -> None:
    site = site_of(tmp_path / "site", "A,a,127.0.0.1:1,/x\n")
    (site / "site.toml").write_text("name = \n", "utf-8")
    assert_one_line(cammon("serve", site), "site.toml")


def test_an_unknown_camera_and_a_wrong_option(tmp_path: Path) -> None:
    site = site_of(tmp_path / "site", "A,a,127.0.0.1:1,/x\n")
    assert_one_line(cammon("probe", site, "B"), "'B'", "A")
    assert cammon("serve", site, "--port", "port").returncode == 2
    assert cammon("nonsense").returncode == 2


def assert_one_line(done: object, *words: str) -> None:
    """Exit 2, one line on standard error that has these words, no traceback."""
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@pytest.fixture
def mute() -> Iterator[int]:
    """A host that accepts and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        held: list[socket.socket] = []
        ending = threading.Event()
        server.settimeout(0.1)

        def accept() -> None:
            while not ending.is_set():
                try:
                    held.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        ending.set()
        thread.join()
        for one in held:
            one.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_comes_within_two_seconds_although_looks_are_waiting(
    tmp_path: Path, mute: int, number: signal.Signals
) -> None:
    rows = "".join(f"C{n},c{n},127.0.0.1:{mute},/x\n" for n in range(30))
    site = site_of(tmp_path / "site", rows)
    with Running("serve", site, "--port", str(free_port())) as service:
        service.wait_for("ready")
        threading.Event().wait(3.0)  # by now every lane is waiting for the mute host
        status, took_s = service.end(number)
        assert status == 0
        assert took_s < PROMPT_S
        assert not any("Traceback" in line for line in service.lines)


def test_the_first_day(tmp_path: Path) -> None:
    """A ledger of 800 rows, 60 of them broken, no map, no poses: up with 740 cameras, the 60 listed with remedies."""
    port = free_port()
    broken = {n: ("address", "127.0.0.1:99999999") if n % 2 else ("id", "") for n in range(0, 780, 13)}
    assert len(broken) == 60
    rows = []
    for n in range(800):
        row = {"id": f"C{n:03}", "name": f"摄像机{n}", "address": "127.0.0.1:1", "rtsp_path": f"/{n}"}
        row.update([broken[n]] if n in broken else [])
        rows.append(",".join(row.values()))
    site = site_of(tmp_path / "site", "\n".join(rows) + "\n")
    checked = cammon("check", site, "--language", "en")
    assert checked.returncode == 2
    listed = [line for line in checked.stderr.splitlines() if line.startswith("set aside")]
    assert len(listed) == 60
    with Running("serve", site, "--port", str(port)) as service:
        url = service.wait_for(r"first login \(once\): (\S+)")[1]
        assert "740 cameras" in " ".join(service.lines)
        service.wait_for("ready")
        person = Person(f"http://127.0.0.1:{port}")
        person.first_login(url)
        assert len(person.json("/api/cameras")["cameras"]) == 740
        page = person.page("/site-files")
        for n, (column, _) in broken.items():
            assert f"row {n + 2}<" in page, column
        assert service.end()[0] == 0


def test_the_demo(tmp_path: Path) -> None:
    """Page up, every camera looked at, and the end of both processes at Ctrl-C."""
    port, control = free_port(), free_port()
    with Running("demo", "--port", str(port), "--control-port", str(control)) as demo:
        url = demo.wait_for(r"first login \(once\): (\S+)")[1]
        demo.wait_for("ready: http")
        person = Person(f"http://127.0.0.1:{port}")
        person.first_login(url)
        eventually("every camera was looked at", lambda: person.json("/api/status")["health"]["ok"] == 24, 45.0)
        assert requests.get(f"http://127.0.0.1:{control}/state", timeout=5).ok
        status, took_s = demo.end()
        assert status == 0
        assert took_s < PROMPT_S
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{control}/state", timeout=5)
    assert not any("Traceback" in line for line in demo.lines), "\n".join(demo.lines)
