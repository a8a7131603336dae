"""What keeps strangers out and hostile strings harmless."""

import pytest
from flask import Flask

from cammon_web.app import OPEN_ENDPOINTS
from cammon_web.security import local_path
from tests.web.conftest import csrf_token, log_in, make_app
from tests.web.fake_desk import FakeDesk

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}%(camera)s%s"""
EVERY_PAGE = (
    "/",
    "/map",
    "/cameras",
    "/cameras/C-24",
    "/cameras/C-05",
    "/places",
    "/upgrades",
    "/site-files",
    "/first-views",
    "/nowhere",
)
VALUES = {"camera_id": "C-24", "picture_id": "pic-C-24", "token": "t", "code": "en", "filename": "cammon.css"}


def _addresses(app: Flask) -> list[tuple[str, str, str]]:
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return [
            (rule.endpoint, method, adapter.build(rule.endpoint, {k: VALUES[k] for k in rule.arguments}, method=method))
            for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        ]


def test_only_the_listed_endpoints_answer_without_a_login(app, desk):
    app.config["WTF_CSRF_ENABLED"] = False
    closed = [row for row in _addresses(app) if row[0] not in OPEN_ENDPOINTS]
    assert len(closed) >= 15
    for endpoint, method, address in closed:
        answer = app.test_client().open(address, method=method)
        assert answer.status_code in (302, 401), endpoint
        assert "煤矿" not in answer.text.replace(desk.site().name, ""), endpoint
        if answer.status_code == 302:
            assert answer.location.startswith("/login?next="), endpoint
    assert not desk.views
    assert not desk.acknowledged


def test_a_login_opens_all_of_them(app, client):
    for endpoint, method, address in _addresses(app):
        if method == "GET" and endpoint not in OPEN_ENDPOINTS:
            assert client.get(address).status_code == 200, endpoint


def test_a_user_who_is_gone_is_out_at_once(client, desk):
    assert client.get("/").status_code == 200
    del desk.users["王班长"]
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/login", "/", "/pictures/pic-C-24", "/api/status", "/nowhere", "/static/live.js"])
def test_headers_of_every_answer(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers.get("Cache-Control") == "no-store" or path.startswith("/static/")


def test_pages_have_no_inline_script_and_no_inline_style(client):
    for path in EVERY_PAGE:
        text = client.get(path).text
        assert "<style" not in text, path
        assert " style=" not in text, path
        assert " onclick" not in text, path
        assert text.count("<script") == text.count("<script src="), path


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_closed_to_scripts_and_other_sites(desk, secure):
    stranger = make_app(desk, secure_cookies=secure).test_client()
    scheme = "https" if secure else "http"
    token = csrf_token(stranger) if not secure else None
    if secure:  # a Secure cookie comes back over TLS only
        page = stranger.get("/login", base_url="https://localhost").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "name": "王班长", "password": "correct horse battery"}
    answers = [
        stranger.post("/login", data=form, base_url=f"{scheme}://localhost"),
        stranger.get("/language/en", base_url=f"{scheme}://localhost"),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.split("=")[0] for cookie in cookies} == {"cammon_demo-mine", "cammon_language"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure


def test_over_tls_browsers_are_told_to_stay_there(desk):
    secure = make_app(desk, secure_cookies=True).test_client()
    assert "Strict-Transport-Security" in secure.get("/login", base_url="https://localhost").headers
    assert "Strict-Transport-Security" not in secure.get("/login").headers


@pytest.mark.parametrize("path", ["/login", "/logout", "/incidents/acknowledge"])
def test_forms_need_their_token(client, desk, path):
    answer = client.post(path, data={"incident": "101", "note": "x", "name": "王班长", "password": "p"})
    assert answer.status_code == 400
    assert "go back" in answer.text
    assert not desk.acknowledged
    assert client.get("/").status_code == 200


def test_first_login_needs_its_token_too():
    empty = FakeDesk(users={})
    answer = make_app(empty).test_client().post("/first-login", data={"token": "one-time-token", "name": "a"})
    assert answer.status_code == 400
    assert not empty.users


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/cameras/C-24", "/cameras/C-24"),
        ("/places?x=1#place-KP-03", "/places?x=1#place-KP-03"),
        ("", "/"),
        (None, "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/ok\\..\\evil", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        (" //evil.example", "/"),
        ("evil.example", "/"),
    ],
)
def test_redirects_stay_here(stranger, target, goes_to):
    assert local_path(target) == goes_to
    form = {} if target is None else {"next": target}
    assert log_in(stranger, **form).location == goes_to
    assert stranger.get("/language/en", query_string=form).location == goes_to


def test_logins_are_throttled(desk):
    stranger = make_app(desk, login_limit="3 per minute").test_client()
    token = csrf_token(stranger)
    tries = [
        stranger.post("/login", data={"csrf_token": token, "name": "王班长", "password": "wrong"}).status_code
        for _ in range(5)
    ]
    assert tries == [403, 403, 403, 429, 429]
    assert stranger.get("/login").status_code == 200


def test_first_logins_are_throttled():
    stranger = make_app(FakeDesk(users={}), login_limit="2 per minute").test_client()
    form = {"csrf_token": csrf_token(stranger, "/first-login"), "token": "guess", "name": "a"}
    form |= {"password": "long enough now", "repeated": "long enough now"}
    assert [stranger.post("/first-login", data=form).status_code for _ in range(3)] == [403, 403, 429]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_hostile_names_are_text(path, language):
    client = make_app(FakeDesk(rename={"*": HOSTILE})).test_client()
    log_in(client)
    client.set_cookie("cammon_language", language)
    text = client.get(path).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7*7}}%(camera)s%s" in text


def test_a_hostile_note_is_text(client, desk):
    token = csrf_token(client, "/cameras/C-24")
    form = {"csrf_token": token, "incident": "109", "note": HOSTILE, "back": "/cameras/C-24"}
    incident = desk.camera("C-24").incidents[0].id
    assert client.post("/incidents/acknowledge", data=form | {"incident": str(incident)}).status_code == 302
    text = client.get("/cameras/C-24").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_hostile_name_cannot_run_in_a_spreadsheet():
    client = make_app(FakeDesk(rename={"*": '=HYPERLINK("http://evil.example","x")'})).test_client()
    log_in(client)
    text = client.get("/upgrades.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert '"=HYPERLINK' not in text
    assert ",=HYPERLINK" not in text


def test_a_large_form_is_refused(stranger):
    assert stranger.post("/login", data={"name": "x" * 100_000}).status_code == 413


def test_a_broken_desk_shows_one_sentence_and_no_traceback(client, desk, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("secret /srv/path")

    monkeypatch.setattr(desk, "looking", broken)
    monkeypatch.setattr(desk, "site", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "failed to make this page" in answer.text
    assert "secret" not in answer.text
    assert "secret" in caplog.text
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert client.get("/api/status").json["status"] == 500
