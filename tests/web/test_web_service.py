"""/healthz and /metrics, and the JSON."""

import json
import re
from pathlib import Path

import pytest

from tests.web.conftest import make_app
from tests.web.fake_desk import FakeDesk

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
RIGHT = {"Authorization": "Bearer scrape-me"}


@pytest.mark.parametrize("cause", ["", "starting", "stopped", "late", "own_network", "canary", "reference"])
def test_healthz_is_well_only_while_cammon_looks(cause):
    answer = make_app(FakeDesk(cause=cause)).test_client().get("/healthz")
    assert answer.status_code == (503 if cause else 200)
    assert answer.json == {"looking": not cause, "cause": cause}


@pytest.mark.parametrize(
    ("address", "host", "headers", "status"),
    [
        ("127.0.0.1", "localhost:8000", {}, 200),
        ("127.9.9.9", "127.0.0.1:8000", {}, 200),
        ("::1", "[::1]:8000", {}, 200),
        ("::ffff:127.0.0.1", "localhost", {}, 200),
        ("127.0.0.1", "rebound.example", {}, 401),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("127.0.0.1", "localhost", {"Forwarded": "for=192.0.2.7"}, 401),
        ("192.0.2.7", "localhost", {}, 401),
        ("192.0.2.7", "cammon:8000", RIGHT, 200),
        ("192.0.2.7", "cammon:8000", {"Authorization": "bearer scrape-me"}, 200),
        ("192.0.2.7", "cammon:8000", {"Authorization": "Bearer scrape-it"}, 403),
        ("192.0.2.7", "cammon:8000", {"Authorization": "Bearer "}, 401),
        ("192.0.2.7", "cammon:8000", {"Authorization": "Bearer 令牌"}, 403),
        ("192.0.2.7", "cammon:8000", {"Authorization": "Basic c2NyYXBlLW1l"}, 401),
        ("", "localhost", {}, 401),
    ],
)
def test_metrics_are_open_here_and_by_token_elsewhere(stranger, address, host, headers, status):
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    answer = stranger.get("/metrics", base_url=f"http://{host}", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert (b"cammon_coverage_ratio" in answer.data) is (status == 200)
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if status == 200:
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize("shown", ["scrape-me", "None"])
def test_without_a_token_nobody_elsewhere_reads_metrics(token, shown):
    stranger = make_app(FakeDesk(token=token)).test_client()
    answer = stranger.get("/metrics", headers={"Authorization": f"Bearer {shown}"}, environ_base=ELSEWHERE)
    assert answer.status_code == 403


def test_behind_a_trusted_proxy_the_callers_address_counts():
    stranger = make_app(FakeDesk(), trusted_proxies=1).test_client()
    answer = stranger.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["status", "cameras", "places", "upgrades"])
def test_json_needs_a_login_and_says_so_in_json(stranger, name):
    answer = stranger.get(f"/api/{name}")
    assert answer.status_code == 401
    assert answer.json["status"] == 401


@pytest.mark.parametrize("name", ["status", "cameras", "places", "upgrades"])
def test_json_has_exactly_the_documented_shape(client, name):
    _compare(_documented(f"/api/{name}"), client.get(f"/api/{name}").json, name)


def _documented(path: str):
    """The example in docs/pages.md below the heading that names the path."""
    text = (Path(__file__).parents[2] / "docs" / "pages.md").read_text("utf-8")
    return json.loads(re.search(rf"### `{path}`.*?```json\n(.*?)```", text, re.S).group(1))


def _compare(documented, answered, where: str) -> None:
    """The same keys everywhere and the same kinds of value; null may stand for any. Parameters differ by code."""
    if where.endswith(".params") or documented is None or answered is None:
        return
    if isinstance(documented, dict):
        assert list(answered) == list(documented), where
        for key, value in documented.items():
            _compare(value, answered[key], f"{where}.{key}")
    elif isinstance(documented, list):
        assert documented or not answered, where
        for item in answered:
            _compare(documented[0], item, f"{where}[]")
    else:
        numbers = (int, float)
        assert isinstance(answered, numbers if type(documented) in numbers else type(documented)), where


def test_json_speaks_the_readers_language(client, desk):
    dark = client.get("/api/status").json["dark"]
    magazine = next(place for place in dark if place["id"] == "KP-03")
    assert magazine["reasons"] == [
        {
            "code": "camera_faulty",
            "params": {"camera": "C-24", "fault": "black"},
            "sentence": "Not seen by 民爆库 Magazine now: black picture.",
        }
    ]
    assert magazine["since"] == "2026-03-04T04:28:05Z"
    client.set_cookie("cammon_language", "zh")
    assert "现在看不到：黑屏" in client.get("/api/status").text


def test_before_any_reading_coverage_is_null(client, desk):
    desk.read, desk.broken = False, {}
    rows = client.get("/api/status").json["coverage"]
    assert [row["ratio"] is None for row in rows] == [False, False, True, True]
