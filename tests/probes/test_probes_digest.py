"""Digest held against a client that is not ours (aiohttp's), and against servers that read a header their own way."""

import asyncio
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import aiohttp
import pytest
from peers import request, rtsp
from streams import encoded

from cammon_probes.answers import Answer
from cammon_probes.liveness import liveness
from cammon_probes.login import Challenge, answer_to, chosen, digest_response, offered
from cammon_probes.model import Credential, Fault
from cammon_probes.picture_probe import picture

NAMES = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
PASSWORDS = ["plain", 'with "quotes", commas', "colon:in:it", "back\\slash", "密码 é", ""]


def fields(header: str) -> dict[str, str]:
    assert header.startswith("Digest ")
    return {name: token or quoted for name, quoted, token in NAMES.findall(header)}


def challenge_of(header: str) -> Challenge:
    found = chosen(offered(Answer(401, "", (("www-authenticate", header),))))
    assert found is not None
    return found


def judged(challenge: str, credential: Credential, path: str) -> dict[str, str]:
    """What aiohttp's own client sends to a server that asks for this challenge."""
    heard: list[str] = []

    class Asking(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization")
            heard.extend([given] if given else [])
            self.send_response(200 if given else 401)
            self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    async def ask(port: int) -> None:
        login = aiohttp.DigestAuthMiddleware(credential.username, credential.password)
        url = f"http://127.0.0.1:{port}{path}"
        async with aiohttp.ClientSession(middlewares=(login,)) as session, session.get(url) as answer:
            assert answer.status == 200

    with HTTPServer(("127.0.0.1", 0), Asking) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        asyncio.run(ask(server.server_address[1]))
        server.shutdown()
    return fields(heard[-1])


FORMS = [(name, qop) for name in ("MD5", "SHA-256") for qop in ('qop="auth", ', "")]
FORMS += [(name, 'qop="auth", ') for name in ("MD5-sess", "SHA-256-sess")]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(("algorithm", "qop"), FORMS)
def test_the_response_is_that_of_a_client_that_is_not_ours(algorithm, qop, password):
    credential = Credential("x", "viewer", password)
    challenge = f'Digest realm="IP Camera(C1), yard", nonce="a,b=", {qop}algorithm={algorithm}, opaque="o"'
    theirs = judged(challenge, credential, "/a/b?c=d")
    ours = digest_response(
        challenge_of(challenge), credential, "GET", "/a/b?c=d", theirs.get("cnonce", ""), theirs.get("nc", "")
    )
    assert ours == theirs["response"]
    sent = fields(answer_to(challenge_of(challenge), credential, "GET", "/a/b?c=d"))
    different = {"cnonce", "response"}
    assert {key: sent[key] for key in sent.keys() - different} == {
        key: theirs[key] for key in theirs.keys() - different if key in sent
    }
    assert set(theirs) - set(sent) <= {"cnonce"}


@pytest.mark.parametrize(
    ("header", "realm"),
    [
        (r'Digest realm="say \"hi\", please", nonce="n", qop="auth"', 'say "hi", please'),
        (r'Digest realm="a\\b", nonce="n", qop="auth"', "a\\b"),
        ('Digest realm="", nonce="n", qop="auth"', ""),
        ('Digest qop="auth,auth-int", nonce="n" , realm="摄像机"', "摄像机"),
        ('digest REALM="x",NONCE="n",QOP="auth"', "x"),
        ('Digest realm="x", nonce="n", qop="auth", charset=UTF-8, userhash=true', "x"),
        ('Digest realm="x", nonce="n", qop="auth", userhash=false, charset="UTF-8"', "x"),
    ],
    ids=["quotes", "backslash", "empty", "not ascii", "case", "userhash", "no userhash"],
)
def test_what_stands_in_a_challenge_is_read_as_it_is_meant_and_given_back_as_it_came(header, realm):
    """By hand: RFC 7616 hashes the unquoted value and wants the quoted one back. Names are never sent hashed."""
    challenge, credential = challenge_of(header), Credential("x", 'Jäsøn "D", Doe', "Secret, or not?")
    sent = fields(answer_to(challenge, credential, "GET", "/doe.json"))

    def md5(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    expected = md5(
        md5(credential.username, realm, credential.password),
        "n", "00000001", sent["cnonce"], "auth", md5("GET", "/doe.json"),
    )  # fmt: skip
    assert sent["response"] == expected
    assert sent["realm"].replace('\\"', '"').replace("\\\\", "\\") == realm
    assert sent["username"] == r"Jäsøn \"D\", Doe"
    assert "userhash" not in sent
    assert sent["qop"] == "auth"


def test_all_answers_to_a_challenge_are_of_one_session():
    """A server may work out the key of MD5-sess once, from the first answer: later ones bear the same cnonce."""
    challenge = challenge_of('Digest realm="x", nonce="n", qop="auth", algorithm=MD5-sess')
    credential = Credential("x", "viewer", "pw")
    first, second = (fields(answer_to(challenge, credential, "PLAY", "/x", count)) for count in (1, 2))
    assert first["cnonce"] == second["cnonce"]
    assert (first["nc"], second["nc"]) == ("00000001", "00000002")
    another = challenge_of('Digest realm="x", nonce="n", qop="auth", algorithm=MD5-sess')
    assert fields(answer_to(another, credential, "PLAY", "/x"))["cnonce"] != first["cnonce"]


def test_a_digest_of_auth_int_alone_is_answered_by_nothing(peer, look):
    asked = []

    def serve(connection):
        while head := request(connection):
            asked.append(head)
            challenge = 'WWW-Authenticate: Digest realm="x", nonce="n", qop="auth-int"'
            connection.sendall(rtsp("401 no", challenge, 'WWW-Authenticate: Basic realm="x"'))

    reading = look(liveness, peer(serve).port, credential=Credential("x", "viewer", "pw"))
    assert reading.fault is Fault.BAD_RESPONSE
    assert len(asked) == 1
    assert b"Authorization" not in asked[0]


UNUSUAL = Credential("x", "wächter", 'sesam, "öffne" dich:密%20 &')


@pytest.fixture(scope="module")
def gst_unusual(tmp_path_factory, yard) -> Iterator:
    """The port of a gst-rtsp-server whose login is UNUSUAL."""
    folder = tmp_path_factory.mktemp("gst-unusual")
    for name in ("yard", "yard2"):
        (folder / f"{name}.h264").write_bytes(b"".join(encoded(yard)))
    running = []

    def start(method: str) -> int:
        process = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).with_name("gst_server.py")), "127.0.0.1", str(folder), method],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "LANG": "C.UTF-8", "PEER_USER": UNUSUAL.username, "PEER_PASSWORD": UNUSUAL.password},
        )
        running.append(process)
        return int(process.stdout.readline())

    yield start
    for process in running:
        process.stdin.close()
        process.wait(10)


@pytest.mark.needs("gst-rtsp-server")
@pytest.mark.parametrize("method", ["digest", "basic"])
def test_an_unusual_login_at_gst_rtsp_server(method, gst_unusual, look):
    port = gst_unusual(method)
    for prober, mount in ((liveness, "/yard"), (picture, "/yard2")):  # it cannot end and begin one stream at once
        reading = look(prober, port, deadline_s=8.0, rtsp_path=mount, credential=UNUSUAL)
        assert reading.ok, reading
        assert "login" in [step.name for step in reading.steps]
    wrong = Credential("x", UNUSUAL.username, UNUSUAL.password + "x")
    assert look(liveness, port, rtsp_path="/yard", credential=wrong).fault is Fault.AUTH_FAILED
