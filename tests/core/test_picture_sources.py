"""Where the service takes pictures from, and how many: snapshots of real web servers, several pictures of a stream."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from cammon.clock import SystemClock
from cammon.loginguard import LoginGuard
from cammon.service.looks import Looker, endpoint_of
from cammon.service.references import References
from cammon.sitefiles import read_site
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec
from cammon_probes.model import DeviceFacts, Fault, ProbeKind, Reading
from cammon_probes.picture.frozen import Frozen

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HOST = "127.0.0.1"
USER, PASSWORD = "viewer", "snap:shot"


def drawn() -> bytes:
    picture = np.random.default_rng(1).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", cv2.resize(picture, (320, 192), interpolation=cv2.INTER_NEAREST))[1].tobytes()


class SnapshotServer(ThreadingHTTPServer):
    """A camera's web page with a JPEG, behind Digest where `digest` is set; it knows one login."""

    def __init__(self, digest: bool) -> None:
        super().__init__((HOST, 0), SnapshotPage)
        self.digest = digest
        self.paths: list[str] = []
        self.refused = 0


class SnapshotPage(BaseHTTPRequestHandler):
    """One request."""

    server: SnapshotServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if self.server.digest and not self.right():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Digest realm="cam", nonce="n1", qop="auth"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = drawn()
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def right(self) -> bool:
        """RFC 7616, worked out apart from the client under test."""
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        if not said:
            return False
        h = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
        middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
        want = h(f"{h(f'{USER}:cam:{PASSWORD}')}:{middle}:{h('GET:' + said['uri'])}")
        self.server.refused += said["response"] != want
        return said["response"] == want

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@pytest.fixture
def web() -> Iterator[Callable[[bool], SnapshotServer]]:
    running: list[SnapshotServer] = []

    def started(digest: bool) -> SnapshotServer:
        running.append(SnapshotServer(digest))
        Thread(target=running[-1].serve_forever, args=(0.05,), daemon=True).start()
        return running[-1]

    yield started
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def looked(tmp_path: Path) -> Callable[..., Reading]:
    """One picture look as the service makes it; `facts` is what the device has said of itself."""

    def run(
        columns: str, row: str, toml: str = "", facts: DeviceFacts | None = None, password: str = PASSWORD
    ) -> Reading:
        (tmp_path / "login").write_text(f"{USER}:{password}")
        (tmp_path / "site.toml").write_text(f'name = "x"\n{toml}\n[credentials.web]\nfile = "login"\n')
        (tmp_path / "cameras.csv").write_text(f"id,{columns}\nC1,{row}\n")
        reading = read_site(tmp_path)
        assert reading.site is not None, reading.problems
        assert not reading.problems
        looker = Looker(reading.site, SystemClock(), LoginGuard(b"k"), References([]), lambda _camera: facts, ())
        return looker.look(reading.site.camera("C1"), ProbeKind.PICTURE, NOW).reading

    return run


@pytest.mark.parametrize("digest", [False, True], ids=["open", "Digest"])
@pytest.mark.parametrize("where", ["the ledger", "the device"])
def test_the_snapshot_of_a_camera_without_a_stream_to_spare(
    web: Callable[[bool], SnapshotServer], looked: Callable[..., Reading], digest: bool, where: str
) -> None:
    server = web(digest)
    port = server.server_address[1]
    # Nothing listens on the RTSP port: a look at the stream would be `refused`.
    row = f"{HOST}:9,{port},web,snapshot"
    if where == "the ledger":
        reading = looked("address,onvif_port,credential,picture_stream,snapshot_path", f"{row},/snap.jpg?channel=1")
    else:
        facts = DeviceFacts(snapshot_uri_used=f"http://{HOST}:{port}/snap.jpg?channel=1")
        reading = looked("address,onvif_port,credential,picture_stream", row, facts=facts)
    assert reading.fault is None, reading
    assert reading.stream is not None
    assert (reading.stream.codec, reading.stream.width_px, reading.stream.height_px) == ("mjpeg", 320, 192)
    assert server.paths == ["/snap.jpg?channel=1"] * (2 if digest else 1)
    assert server.refused == 0


def test_a_wrong_password_is_sent_once(web: Callable[[bool], SnapshotServer], looked: Callable[..., Reading]) -> None:
    server = web(True)
    row = f"{HOST}:9,{server.server_address[1]},web,抓图,/snap.jpg"
    reading = looked("address,onvif_port,credential,取图方式,抓图路径", row, password="wrong")
    assert reading.fault is Fault.AUTH_FAILED
    assert server.refused == 1


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet([CameraSpec("CAM01", onvif_port=None, login=None)]) as running:
        yield running


def test_the_stream_until_the_snapshots_address_is_known(fleet: RunningFleet, looked: Callable[..., Reading]) -> None:
    end = fleet.endpoint("CAM01")
    reading = looked(
        "address,rtsp_path,sub_path",
        f"{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path}",
        toml='[probing]\npicture_stream = "snapshot"',
    )
    assert reading.fault is None
    assert reading.stream is not None
    assert reading.stream.codec == "h264"


def test_a_site_may_ask_for_several_pictures(fleet: RunningFleet, looked: Callable[..., Reading]) -> None:
    end = fleet.endpoint("CAM01")
    where = ("address,rtsp_path", f"{end.host}:{end.rtsp_port},{end.rtsp_path}")
    assert "frames_change" not in looked(*where).evidence
    reading = looked(*where, toml="[probing]\npicture_frames = 3")
    assert reading.evidence["frames_change"] >= 0.0
    assert reading.evidence["frames_span_ms"] > 0
    assert reading.later == (), "pictures go no further than the checks"


def test_where_hardly_anything_changes_the_next_look_takes_two_pictures(fleet: RunningFleet, tmp_path: Path) -> None:
    end = fleet.endpoint("CAM01")
    (tmp_path / "site.toml").write_text('name = "x"\n')
    (tmp_path / "cameras.csv").write_text(f"id,address,rtsp_path\nC1,{end.host}:{end.rtsp_port},{end.rtsp_path}\n")
    site = read_site(tmp_path).site
    assert site is not None
    looker = Looker(site, SystemClock(), LoginGuard(b"k"), References([]), lambda _camera: None, (Frozen(),))

    def look() -> Reading:
        return looker.look(site.camera("C1"), ProbeKind.PICTURE, NOW).reading

    fleet.put("CAM01", "frozen")
    try:
        found = [look() for _ in range(3)]
    finally:
        fleet.clear_all()
    assert ["frames_change" in reading.evidence for reading in found] == [False, False, True]
    assert [reading.faults for reading in found] == [(), (Fault.FROZEN,), (Fault.FROZEN,)]
    look()
    assert look().faults == ()


@pytest.mark.parametrize(
    ("calm", "fair", "learnt", "measured"),
    [(True, True, True, True), (True, False, True, False), (False, True, False, False)],
    ids=["a fair day", "weather that leaves this camera", "a suspicion"],
)
def test_what_is_learnt_of_a_picture(
    calm: bool, fair: bool, learnt: bool, measured: bool, fleet: RunningFleet, tmp_path: Path
) -> None:
    end = fleet.endpoint("CAM01")
    (tmp_path / "site.toml").write_text('name = "x"\n')
    (tmp_path / "cameras.csv").write_text(f"id,address,rtsp_path\nC1,{end.host}:{end.rtsp_port},{end.rtsp_path}\n")
    site = read_site(tmp_path).site
    assert site is not None
    known, guard = References([]), LoginGuard(b"k")
    looker = Looker(site, SystemClock(), guard, known, lambda _: None, (), calm=lambda _: calm, fair=lambda: fair)
    delivery = looker.look(site.camera("C1"), ProbeKind.PICTURE, NOW)
    assert (delivery.reference is not None, delivery.measures is not None) == (learnt, measured)


def test_endpoints_carry_the_snapshot(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('name = "x"\n')
    (tmp_path / "cameras.csv").write_text("id,address,snapshot_path,picture_stream\nC1,10.0.0.1,snap.jpg,Snapshot\n")
    site = read_site(tmp_path).site
    assert site is not None
    assert endpoint_of(site, site.cameras[0]).snapshot_path == "/snap.jpg"
    assert site.probing(site.cameras[0]).picture_stream == "snapshot"
