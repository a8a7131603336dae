"""The real chain: cammon's metrics page -> Prometheus with the shipped rules -> Alertmanager -> a webhook."""

import json
import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from cammon.metrics import CameraState, MetricsSnapshot, PlaceState, render
from cammon_coverage.model import Basis, Period

DEADLINE_S = 60


def page(covered):
    by_basis = {(Basis.DESIGN, Period.DAY): True, (Basis.EFFECTIVE, Period.DAY): covered}
    return render(
        MetricsSnapshot(
            site="m",
            looking=True,
            period=Period.DAY,
            last_reading_at=time.time(),
            cameras=(CameraState("A", True, info={"name": "a", "zone": "z", "switch": "S", "recorder": "N"}),),
            places=(PlaceState("P", "民爆物品储存库", 1, 125.0, by_basis),),
        )
    )


class World:
    """The page that Prometheus reads and the messages that arrive at the webhook."""

    def __init__(self):
        self.covered = True
        self.messages = []
        self.news = threading.Condition()

    def told(self, status, alert):
        with self.news:
            return self.news.wait_for(lambda: any(self._says(one, status, alert) for one in self.messages), DEADLINE_S)

    def _says(self, message, status, alert):
        return any(one["status"] == status and one["labels"]["alertname"] == alert for one in message["alerts"])


@contextmanager
def served(world):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = page(world.covered)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with world.news:
                world.messages.append(message)
                world.news.notify_all()
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(log, *command):
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quick_rules(source, target):
    """The shipped rules with short waits: every `for` one second."""
    text = source.read_text("utf-8")
    target.write_text(re.sub(r"(for): \w+", r"\1: 1s", text), "utf-8")


@pytest.fixture
def chain(repository, tmp_path):
    """Prometheus and Alertmanager on free ports, with the shipped files and short waits."""
    world = World()
    with served(world) as port:
        alertmanager, prometheus = free_port(), free_port()
        files = repository / "config" / "prometheus"
        quick_rules(files / "alerts.rules.yml", tmp_path / "alerts.rules.yml")
        shutil.copy(files / "recording.rules.yml", tmp_path)
        config = yaml.safe_load((files / "prometheus.yml").read_text("utf-8"))
        config["global"] = {"scrape_interval": "500ms", "scrape_timeout": "400ms", "evaluation_interval": "500ms"}
        config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{alertmanager}"]
        config["scrape_configs"] = config["scrape_configs"][:1]
        config["scrape_configs"][0].pop("scrape_timeout")
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{port}"]
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
        routes = yaml.safe_load((repository / "config" / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
        for receiver in routes["receivers"]:
            hook = {"url": f"http://127.0.0.1:{port}/{receiver['name']}", "send_resolved": True}
            receiver["webhook_configs"] = [hook]
        for route in (routes["route"], *routes["route"]["routes"]):
            route.update(group_wait="100ms", group_interval="500ms")
        (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(routes), "utf-8")
        with (
            running(
                tmp_path / "alertmanager.log",
                "prometheus-alertmanager",
                f"--config.file={tmp_path / 'alertmanager.yml'}",
                f"--storage.path={tmp_path / 'am'}",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
            ),
            running(
                tmp_path / "prometheus.log",
                "prometheus",
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{prometheus}",
            ),
        ):
            yield world, tmp_path


@pytest.mark.needs("promtool")
@pytest.mark.needs("amtool")
def test_a_dark_key_place_reaches_the_webhook_and_so_does_its_return(chain):
    world, folder = chain
    world.covered = False
    logs = lambda: "".join((folder / name).read_text() for name in ("prometheus.log", "alertmanager.log"))[-4000:]  # noqa: E731
    assert world.told("firing", "KeyPlaceDark"), logs()
    message = next(one for one in world.messages if one["commonLabels"].get("alertname") == "KeyPlaceDark")
    assert message["receiver"] == "control-room"
    assert message["commonLabels"]["place"] == "P"
    assert message["commonAnnotations"]["summary_zh"] == "重点部位 民爆物品储存库 失视"
    world.covered = True
    assert world.told("resolved", "KeyPlaceDark"), logs()
    assert not any(alert["labels"]["alertname"] == "CammonDown" for one in world.messages for alert in one["alerts"])
