"""Logins: nonces, schemes, and accounts that lock."""

import pytest

from cammon.virtual.accounts import REMEMBERED, Accounts
from cammon.virtual.login import Asked, Gate, Verdict, digest_response
from cammon.virtual.model import CameraSpec, FleetOptions, Login, Scheme
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import snapshot

LOGIN = Login("admin", "right")


@pytest.fixture
def gate(turning_clock):
    return Gate(Accounts(5, 300.0, turning_clock.monotonic), 120.0, turning_clock.monotonic)


def digest(gate, login=LOGIN, *, password=None, method="DESCRIBE", uri="rtsp://x/main", **more):
    """An Authorization header as a viewer makes it from the gate's first challenge."""
    challenge = gate.challenges(login)[0]
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    given = {"username": login.username, "realm": "IP Camera", "nonce": nonce, "uri": uri, **more}
    told = Login(given["username"], password or login.password, login.schemes)
    given.setdefault("response", digest_response(login.schemes[0], told, method, given).decode())
    if login.schemes[0] is Scheme.DIGEST_SHA256:
        given["algorithm"] = "SHA-256"
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in given.items())


def ask(gate, authorization, login=LOGIN, uri="rtsp://x/main", refuse=False):
    return gate.judge(login, Asked("DESCRIBE", uri, authorization), refuse=refuse)


@pytest.mark.parametrize("schemes", [(Scheme.DIGEST_MD5,), (Scheme.DIGEST_SHA256,)], ids=["md5", "sha256"])
def test_the_right_password_is_right(gate, schemes):
    login = Login("admin", "right", schemes)
    assert ask(gate, digest(gate, login), login) is Verdict.RIGHT


def test_a_digest_with_qop_is_made_as_the_standard_says():
    # The form of RFC 7616 section 3.9.1 with our realm, put together by hand.
    given = {
        "username": "Mufasa",
        "uri": "/dir/index.html",
        "nonce": "n",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "c",
    }
    one = digest_response(Scheme.DIGEST_MD5, Login("Mufasa", "Circle of Life"), "GET", given)
    assert one == b"%s" % _md5_by_hand("Mufasa:IP Camera:Circle of Life", "n:00000001:c:auth", "GET:/dir/index.html")


def _md5_by_hand(secret, middle, request):
    import hashlib

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    return md5(f"{md5(secret)}:{middle}:{md5(request)}").encode()


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        (None, Verdict.MISSING),
        ("", Verdict.MISSING),
        ("Bearer abc", Verdict.MISSING),
        ("Digest", Verdict.WRONG),
        ('Digest username="admin"', Verdict.WRONG),
        ("Basic YWRtaW46cmlnaHQ=", Verdict.WRONG),  # right, but the camera does not offer it
        ("Basic !!!", Verdict.WRONG),
    ],
    ids=str,
)
def test_headers_without_a_digest(gate, header, verdict):
    assert ask(gate, header) is verdict


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"password": "wrong"}, Verdict.WRONG),
        ({"username": "root"}, Verdict.WRONG),
        ({"uri": "rtsp://x/other"}, Verdict.WRONG),
        ({"method": "PLAY"}, Verdict.WRONG),
        ({"nonce": "made up"}, Verdict.STALE),
        ({"nonce": "zz.aa.bb"}, Verdict.STALE),
        ({"response": "é"}, Verdict.WRONG),
    ],
    ids=str,
)
def test_a_digest_that_does_not_fit(gate, changed, verdict):
    assert ask(gate, digest(gate, **changed)) is verdict


def test_an_old_nonce_is_stale_and_counts_for_nothing(gate, turning_clock):
    old = digest(gate)
    turning_clock.turn(121.0)
    assert ask(gate, old) is Verdict.STALE
    assert "stale=true" in gate.challenges(LOGIN, stale=True)[0]
    assert gate.accounts.failed == {}
    assert ask(gate, digest(gate)) is Verdict.RIGHT


def test_five_wrong_passwords_lock_the_account_for_a_time(gate, turning_clock):
    left = []
    for _ in range(5):
        assert ask(gate, digest(gate, password="wrong")) is Verdict.WRONG
        left.append(gate.accounts.attempts_left("admin"))
    assert left == [4, 3, 2, 1, 0]
    assert ask(gate, digest(gate)) is Verdict.LOCKED
    turning_clock.turn(299.0)
    assert ask(gate, digest(gate)) is Verdict.LOCKED
    turning_clock.turn(1.0)
    assert ask(gate, digest(gate)) is Verdict.RIGHT
    assert gate.accounts.attempts_left("admin") == 5


def test_a_right_password_forgets_the_wrong_ones(gate):
    for _ in range(4):
        ask(gate, digest(gate, password="wrong"))
    ask(gate, digest(gate))
    assert gate.accounts.attempts_left("admin") == 5
    assert gate.accounts.failed == {"admin": 4}


def test_another_account_is_not_locked_with_it(gate):
    for _ in range(5):
        ask(gate, digest(gate, username="guest"))
    assert ask(gate, digest(gate)) is Verdict.RIGHT


def test_guessed_names_do_not_fill_the_memory(gate):
    for number in range(3 * REMEMBERED):
        ask(gate, digest(gate, username=f"user{number}"))
    assert len(gate.accounts.failed) == REMEMBERED + 1


def test_refusing_says_wrong_to_the_right_password(gate):
    assert ask(gate, digest(gate), refuse=True) is Verdict.WRONG
    assert ask(gate, digest(gate), login=None, refuse=True) is Verdict.WRONG


def test_over_rtsp_the_refusal_says_how_many_attempts_are_left_and_then_that_it_is_locked(fleet_with):
    fleet = fleet_with(options=FleetOptions(login_attempts=2))
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        told = [viewer.ask("DESCRIBE", password=word) for word in ("wrong", "wrong", None)]
    assert [answer.status for answer in told] == [401, 401, 401]
    assert [b"attempts left: 1" in told[0].body, b"attempts left: 0" in told[1].body] == [True, True]
    assert b"locked, try again in 300 s" in told[2].body
    state = fleet.state()["cameras"]["CAM01"]
    assert (state["failed_logins"], state["locked"]) == (2, ["admin"])


def test_rtsp_and_http_of_a_box_share_its_accounts(fleet_with):
    fleet = fleet_with(options=FleetOptions(login_attempts=2))
    endpoint = fleet.endpoint("CAM01")
    assert [snapshot(endpoint, "wrong").status_code for _ in range(2)] == [401, 401]
    with Dialogue(endpoint) as viewer:
        viewer.log_in()
        assert b"locked" in viewer.ask("DESCRIBE").body


def test_an_old_nonce_over_rtsp_brings_a_new_challenge_that_works(fleet_with, turning_clock):
    fleet = fleet_with(clock=turning_clock)
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        turning_clock.turn(1000.0)
        answer = viewer.ask("DESCRIBE")
        assert (answer.status, "stale=true" in answer.header("www-authenticate")) == (401, True)
        viewer.challenge = answer.header("www-authenticate")
        assert viewer.ask("DESCRIBE").status == 200
    assert fleet.state()["cameras"]["CAM01"]["failed_logins"] == 0


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "GET_PARAMETER"])
def test_nothing_but_options_goes_without_login(fleet, method):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        assert viewer.ask("OPTIONS").status == 200
        assert viewer.ask(method).status == 401


def test_passwords_are_in_no_repr():
    spec = CameraSpec("CAM01", login=Login("admin", "do-not-print"))
    assert "do-not-print" not in repr(spec)
