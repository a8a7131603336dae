"""Logins: the right answer to a challenge, and never a second refused one."""

import re

import pytest
from digest_judge import CountingCamera
from hypothesis import given
from hypothesis import strategies as st
from peers import answering, described, request, rtsp
from probe_logins import CANARY, LOGIN
from requests.auth import HTTPDigestAuth

from cammon_probes.answers import Answer
from cammon_probes.liveness import liveness
from cammon_probes.login import Challenge, answer_to, chosen, digest_response, offered
from cammon_probes.model import Credential, Fault

RFC7616 = {
    "realm": "http-auth@example.org",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "qop": "auth, auth-int",
}


def challenges(*headers: str) -> tuple[Challenge, ...]:
    return offered(Answer(401, "", tuple(("www-authenticate", header) for header in headers)))


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm, response):
    challenge = Challenge("digest", {**RFC7616, "algorithm": algorithm})
    mufasa = Credential("x", "Mufasa", "Circle of Life")
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    assert digest_response(challenge, mufasa, "GET", "/dir/index.html", cnonce, "00000001") == response


@given(
    user=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
    password=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    algorithm=st.sampled_from(["MD5", "SHA-256", None]),
    qop=st.sampled_from(["auth", None]),
)
def test_the_response_is_the_one_that_requests_gives(user, password, algorithm, qop):
    """requests joins unquoted strings, so quoting stays out of this property."""
    params = {"realm": "cam 1", "nonce": "abcdef"} | ({"qop": qop} if qop else {})
    params |= {"algorithm": algorithm} if algorithm else {}
    judge = HTTPDigestAuth(user, password)
    judge.init_per_thread_state()
    judge._thread_local.chal = dict(params)
    header = judge.build_digest_header("DESCRIBE", "/a?b=c")
    cnonce = re.search(r'cnonce="(\w+)"', header)
    ours = digest_response(
        Challenge("digest", params), Credential("x", user, password), "DESCRIBE", "/a?b=c", cnonce[1] if cnonce else "",
        "00000001",
    )  # fmt: skip
    assert f'response="{ours}"' in header


@pytest.mark.parametrize(
    ("headers", "scheme", "algorithm"),
    [
        (['Digest realm="a", nonce="b"'], "digest", "MD5"),
        (['Digest realm="a", nonce="b", algorithm=SHA-256', 'Digest realm="a", nonce="b"'], "digest", "SHA-256"),
        (['Digest realm="a", nonce="b"', 'Digest realm="a", nonce="b", algorithm="SHA-256"'], "digest", "SHA-256"),
        (['Basic realm="x"'], "basic", "MD5"),
        (['Basic realm="x", Digest realm="a, b", nonce="c", qop="auth-int, auth"'], "digest", "MD5"),
        (['Basic realm="x"', 'Digest realm="a", nonce="b", algorithm=NEW'], None, None),
        (['Digest realm="a", nonce="b", qop="auth-int"', "Basic"], None, None),
        (["Negotiate abc=="], None, None),
        ([], None, None),
    ],
)
def test_the_strongest_digest_is_chosen_and_basic_only_alone(headers, scheme, algorithm):
    found = chosen(challenges(*headers))
    assert (found.scheme if found else None) == scheme
    if found and scheme == "digest":
        assert found.algorithm == algorithm


@given(st.text(max_size=200))
def test_any_header_can_be_read(text):
    found = chosen(challenges(text, "Digest " + text))
    if found is not None:
        assert answer_to(found, LOGIN, "DESCRIBE", "rtsp://x/")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_digest_is_accepted(algorithm, peer, look):
    camera = CountingCamera(CANARY, algorithm)
    reading = look(liveness, peer(camera).port, credential=LOGIN)
    assert reading.ok, reading
    assert (camera.accepted, camera.refused, camera.asked) == (1, 0, 2)
    assert [step.name for step in reading.steps] == ["connect", "describe", "login", "stream"]


def test_a_wrong_password_is_sent_once(peer, look):
    camera = CountingCamera("another")
    reading = look(liveness, peer(camera).port, credential=LOGIN)
    assert reading.fault is Fault.AUTH_FAILED
    assert (camera.refused, camera.asked) == (1, 2)


def test_a_stale_nonce_is_no_refused_login(peer, look):
    camera = CountingCamera(CANARY, stale=1)
    assert look(liveness, peer(camera).port, credential=LOGIN).ok
    assert camera.refused == 0


def test_a_camera_that_calls_every_nonce_stale_is_asked_three_times_at_most(peer, look):
    camera = CountingCamera(CANARY, stale=1000)
    assert look(liveness, peer(camera).port, credential=LOGIN).fault is Fault.AUTH_FAILED
    assert camera.asked == 3


def test_no_login_is_sent_without_being_asked_for(peer, look):
    camera = CountingCamera(CANARY)
    assert look(liveness, peer(camera).port).fault is Fault.AUTH_FAILED
    assert (camera.asked, camera.refused) == (1, 0)


def test_no_login_is_sent_to_an_account_that_is_locked(peer, look):
    asked = []

    def locked(head: bytes) -> bytes:
        asked.append(head)
        return rtsp("401 Unauthorized", 'WWW-Authenticate: Digest realm="a", nonce="b"', body=b"account locked out")

    assert look(liveness, peer(answering(locked)).port, credential=LOGIN).fault is Fault.AUTH_LOCKED
    assert len(asked) == 1


def test_basic_is_never_the_answer_to_a_digest_that_is_not_known(peer, look):
    asked = []

    def odd(head: bytes) -> bytes:
        asked.append(head)
        return rtsp("401 no", 'WWW-Authenticate: Digest realm="a", nonce="b", algorithm=X', "WWW-Authenticate: Basic")

    reading = look(liveness, peer(answering(odd)).port, credential=LOGIN)
    assert reading.fault is Fault.BAD_RESPONSE
    assert reading.evidence["offered"] == "digest basic"
    assert len(asked) == 1


def test_a_camera_that_closes_after_its_401_is_connected_to_again(peer, look):
    camera = CountingCamera(CANARY)
    seen = []

    def serve(connection):
        head = request(connection)
        seen.append(head)
        if b"Authorization" not in head:
            reply = rtsp("401 no", 'WWW-Authenticate: Digest realm="yard", nonce="n", qop="auth"')
        else:
            reply = described() if camera.right(camera.fields(head.decode()), "DESCRIBE") else rtsp("401 no")
        connection.sendall(reply)

    assert look(liveness, peer(serve).port, credential=LOGIN).ok
    assert len(seen) == 2
