"""First login, login, logout, language."""

import pytest

from cammon_web.accounts import MINIMUM_PASSWORD
from cammon_web.desk import Role
from tests.web.conftest import csrf_token, log_in, make_app
from tests.web.fake_desk import TOKEN, FakeDesk

GOOD = "long enough now"


@pytest.fixture
def empty() -> FakeDesk:
    return FakeDesk(users={})


@pytest.fixture
def newcomer(empty):
    client = make_app(empty).test_client()
    client.set_cookie("cammon_language", "en")
    return client


def _first(client, **form):
    token = csrf_token(client, "/first-login")
    filled = {"csrf_token": token, "token": TOKEN, "name": "admin", "password": GOOD, "repeated": GOOD} | form
    return client.post("/first-login", data=filled)


def test_everything_leads_to_the_first_login_while_nobody_exists(newcomer):
    assert newcomer.get("/").location == "/first-login"
    assert newcomer.get("/login").location == "/first-login"


def test_the_token_in_the_address_stands_in_the_form(newcomer):
    assert f'value="{TOKEN}"' in newcomer.get(f"/first-login/{TOKEN}").text


def test_the_first_user_is_administrator_and_logged_in(newcomer, empty):
    assert _first(newcomer).location == "/"
    assert empty.users["admin"] == (GOOD, Role.ADMIN)
    assert newcomer.get("/").status_code == 200
    assert newcomer.get("/first-login").location == "/login"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"token": "guess"}, "token is wrong"),
        ({"password": "short", "repeated": "short"}, f"at least {MINIMUM_PASSWORD}"),
        ({"repeated": "another long one"}, "differ"),
        ({"name": "Long Enough Now"}, "must not be the name"),
        ({"name": "  "}, "name is needed"),
    ],
    ids=["token", "short", "different", "same as name", "no name"],
)
def test_a_first_login_that_will_not_do(newcomer, empty, form, said):
    answer = _first(newcomer, **form)
    assert answer.status_code in (400, 403)
    assert said in answer.text
    assert GOOD not in answer.text
    assert not empty.users


def test_nobody_becomes_administrator_twice(client, desk):
    assert client.post("/first-login", data={"csrf_token": csrf_token(client, "/cameras/C-24")}).location == "/login"
    assert "admin" not in desk.users


@pytest.mark.parametrize("name", ["王班长", "nobody"])
def test_a_wrong_login_says_the_same_for_known_and_unknown_names(stranger, name):
    stranger.set_cookie("cammon_language", "en")
    answer = log_in(stranger, name, "wrong")
    assert answer.status_code == 403
    assert "Name or password is wrong" in answer.text


def test_a_locked_name_is_told_to_wait(stranger, desk):
    desk.locked = True
    stranger.set_cookie("cammon_language", "en")
    assert "wait some minutes" in log_in(stranger).text


def test_login_leads_where_one_wanted_to_go(stranger):
    asked = stranger.get("/cameras/C-24?x=1")
    assert asked.location == "/login?next=/cameras/C-24?x%3D1"
    assert 'value="/cameras/C-24?x=1"' in stranger.get(asked.location).text
    assert log_in(stranger, next="/cameras/C-24?x=1").location == "/cameras/C-24?x=1"


def test_logout_ends_the_session(client):
    answer = client.post("/logout", data={"csrf_token": csrf_token(client, "/cameras/C-24")})
    assert answer.location == "/login"
    assert client.get("/").status_code == 302


def test_a_login_starts_a_new_session(stranger):
    before = csrf_token(stranger)
    log_in(stranger)
    assert stranger.post("/logout", data={"csrf_token": before}).status_code == 400


@pytest.mark.parametrize(
    ("cookie", "accepted", "site", "shown"),
    [
        (None, None, "zh", "zh-CN"),
        (None, None, "en", "en"),
        (None, "en-GB,en;q=0.9", "zh", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "en", "zh-CN"),
        (None, "de-DE,fr;q=0.5", "zh", "zh-CN"),
        ("en", "zh-CN", "zh", "en"),
        ("tlh", "en", "zh", "en"),
    ],
)
def test_language_chosen_then_browser_then_site(cookie, accepted, site, shown):
    client = make_app(FakeDesk(language=site)).test_client()
    if cookie:
        client.set_cookie("cammon_language", cookie)
    headers = {"Accept-Language": accepted} if accepted else {}
    assert f'<html lang="{shown}">' in client.get("/login", headers=headers).text


def test_the_language_switch_comes_back(client):
    client.set_cookie("cammon_language", "zh")
    assert 'href="/language/en?next=/places"' in client.get("/places").text
    answer = client.get("/language/en?next=/places")
    assert (answer.status_code, answer.location) == (303, "/places")
    assert "Key places" in client.get("/places").text
    assert client.get("/language/xx").status_code == 404
