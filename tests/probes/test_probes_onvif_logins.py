"""Logins over ONVIF: whatever way a device asks for one, a wrong password is sent once, and a right one is proven."""

import base64
import re

import pytest
from digest_judge import DigestJudge
from onvif_peers import NOT_AUTHORIZED, NOT_SUPPORTED, OnvifCamera, fault, soap
from peers import http, request
from probe_logins import CANARY, LOGIN

from cammon_probes.device import device
from cammon_probes.model import Fault
from cammon_probes.onvif_client import service_definition

OWNER = (LOGIN.username, LOGIN.password)


@pytest.fixture(autouse=True, scope="module")
def parsed():
    """The service definitions are parsed once in a process; no test should pay for it."""
    service_definition("devicemgmt")
    service_definition("media")


@pytest.fixture
def ask(peer, look):
    """Asks a device on loopback."""

    def run(serve, login=LOGIN, deadline_s=5.0):
        return look(device, 0, deadline_s=deadline_s, onvif_port=peer(serve).port, credential=login)

    return run


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "500 Internal Server Error"])
@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("ter:NotAuthorized", "The action requested requires authorization", Fault.AUTH_FAILED),
        ("wsse:FailedAuthentication", "", Fault.AUTH_FAILED),
        ("env:Sender", "Sender not authorized", Fault.AUTH_FAILED),
        ("ter:OperationProhibited", "User admin is locked, try again later", Fault.AUTH_LOCKED),
    ],
)
def test_refused_logins_whatever_the_status(status, code, words, expected, ask):
    camera = OnvifCamera(answers={"GetDeviceInformation": fault(code, words, status)})
    reading = ask(camera)
    assert reading.fault is expected
    signed = [body for body in camera.bodies if "UsernameToken" in body]
    assert len(signed) == (expected is Fault.AUTH_FAILED)


REFUSALS = [
    fault("ter:OperationProhibited", "Username or password error"),
    fault("ter:Action", "Access denied"),
    fault("env:Sender", "用户名或密码错误"),
    fault("env:Sender", "Wsse authorized time check failed"),
    fault("env:Receiver", "An unknown error occurred"),
    http("400 Bad Request"),
    http("500 Internal Server Error"),
    http("200 OK"),
    b"",
]


@pytest.mark.parametrize(
    "refusal",
    REFUSALS,
    ids=["prohibited", "denied", "in Chinese", "time check", "unknown", "400", "500", "empty", "hangs up"],
)
def test_a_wrong_password_is_sent_once_however_it_is_refused(refusal, ask):
    """All questions but the clock are refused; with a login in other words than without."""
    asked_for_login = dict.fromkeys(
        ("GetDeviceInformation", "GetCapabilities", "GetServices", "GetProfiles", "GetNetworkInterfaces"),
        lambda body: refusal if "UsernameToken" in body else NOT_AUTHORIZED,
    )
    camera = OnvifCamera(answers=asked_for_login)
    reading = ask(camera)
    assert not reading.ok
    assert sum("UsernameToken" in body for body in camera.bodies) == 1
    if b"Fault" in refusal:
        assert reading.fault is Fault.AUTH_FAILED


@pytest.mark.parametrize("words", REFUSALS[:4], ids=["prohibited", "denied", "in Chinese", "time check"])
def test_a_login_is_asked_for_in_many_words(words, ask):
    answer = OnvifCamera()._answer

    def guarded(operation):
        return lambda body: answer(operation, body) if "UsernameToken" in body else words

    operations = ("GetDeviceInformation", "GetCapabilities", "GetProfiles", "GetStreamUri", "GetNetworkInterfaces")
    reading = ask(OnvifCamera(answers={one: guarded(one) for one in operations}))
    assert reading.ok, reading
    assert (reading.device.serial, reading.device.profiles) == ("SN77", ("main", "sub"))


def test_an_optional_question_that_wants_a_login_proves_it(ask):
    """What the device says of the question itself is no refused login."""
    answers = {"GetCapabilities": lambda body: NOT_SUPPORTED if "UsernameToken" in body else NOT_AUTHORIZED}
    reading = ask(OnvifCamera(answers=answers))
    assert reading.ok, reading
    assert reading.device.profiles == ("main", "sub")


class BasicCamera(OnvifCamera):
    """HTTP Basic for everything but the clock; it has never heard of tokens."""

    password = CANARY

    def __call__(self, connection):
        basic = base64.b64encode(f"{LOGIN.username}:{self.password}".encode()).decode()
        while True:
            head, _, body = request(connection).decode().partition("\r\n\r\n")
            operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]
            sent = re.search(r"Authorization: Basic (\S+)", head)
            self.refused += sent is not None and sent[1] != basic
            right = operation == "GetSystemDateAndTime" or (sent is not None and sent[1] == basic)
            refusal = http("401 Unauthorized", 'WWW-Authenticate: Basic realm="yard"')
            connection.sendall(self._answer(operation, body) if right else refusal)


def test_a_device_that_knows_http_basic_alone(ask):
    camera = BasicCamera()
    reading = ask(camera)
    assert reading.ok, reading
    assert (reading.device.serial, reading.evidence["login"]) == ("SN77", "basic")
    camera.password = "another"
    assert ask(camera).fault is Fault.AUTH_FAILED
    assert camera.refused == 1


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
def test_soap_11_faults(status, ask):
    old = "<s:Fault><faultcode>s:Client</faultcode><faultstring>{}</faultstring><detail>{}</detail></s:Fault>"
    answers = {"GetSnapshotUri": soap(old.format("Action not supported", ""), status)}
    reading = ask(OnvifCamera(answers=answers), login=None)
    assert reading.ok, reading
    assert reading.evidence["unread"] == "GetSnapshotUri"
    answers = {"GetDeviceInformation": soap(old.format("failed", "ter:NotAuthorized"), status)}
    assert ask(OnvifCamera(answers=answers), login=None).fault is Fault.AUTH_FAILED


@pytest.mark.parametrize(
    "denied", [NOT_AUTHORIZED, http("401 Unauthorized"), http("403 Forbidden")], ids=["fault", "401", "403"]
)
@pytest.mark.parametrize("operation", ["GetNetworkInterfaces", "GetSnapshotUri", "GetStreamUri", "GetCapabilities"])
def test_a_right_that_the_account_lacks_is_no_wrong_password(operation, denied, ask):
    """The login was refused before and accepted then: what is refused after that is a question of rights."""
    reading = ask(OnvifCamera(OWNER, answers={operation: denied}))
    assert reading.ok, reading
    assert operation in reading.evidence["unread"]
    assert reading.device.serial == "SN77"
    assert reading.device.profiles == ("main", "sub")


def test_a_login_that_was_never_accepted_is_refused_once(ask):
    """The identity is open to all: the first refusal is a refused login, and the last question."""
    camera = OnvifCamera(answers={"GetProfiles": NOT_AUTHORIZED, "GetNetworkInterfaces": NOT_AUTHORIZED})
    reading = ask(camera)
    assert reading.fault is Fault.AUTH_FAILED
    assert sum("UsernameToken" in body for body in camera.bodies) == 1
    assert reading.device.serial == "SN77"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [("GetNetworkInterfaces", None), ("GetProfiles", Fault.AUTH_FAILED), ("GetDeviceInformation", Fault.AUTH_FAILED)],
)
def test_without_a_login_what_is_open_is_read(operation, expected, ask):
    reading = ask(OnvifCamera(answers={operation: NOT_AUTHORIZED}), login=None)
    assert reading.fault is expected
    assert reading.device.mac == (None if operation == "GetNetworkInterfaces" else "00:1A:2B:3C:4D:5E")


class DigestCamera(OnvifCamera):
    """HTTP Digest for everything but the clock; `nonces` says which nonce a challenge carries."""

    def __init__(self, challenge='realm="yard", nonce="{}", qop="auth"', fresh=False, password=CANARY, stale=False):
        super().__init__()
        self._judge = DigestJudge(password, "SHA-256" if "SHA-256" in challenge else "MD5")
        self._challenge, self._fresh, self._stale = challenge, fresh, stale
        self.refused, self.tokens, self.nonce = 0, 0, 0

    def __call__(self, connection):
        while True:
            head, _, body = request(connection).decode().partition("\r\n\r\n")
            operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]
            self.asked.append(operation)
            self.tokens += "UsernameToken" in body
            connection.sendall(self._judged(operation, head, body))

    def _judged(self, operation, head, body):
        if operation == "GetSystemDateAndTime":
            return self._answer(operation, body)
        sent = self._judge.fields(head)
        old = self._fresh and sent and sent["nonce"] != f"n{self.nonce}"
        if sent and not old and self._judge.right(sent, "POST"):
            self.nonce += self._fresh
            return self._answer(operation, body)
        self.refused += bool(sent) and not old
        self.nonce += self._fresh
        more = ", stale=true" if old and self._stale else ""
        return http("401 Unauthorized", "WWW-Authenticate: Digest " + self._challenge.format(f"n{self.nonce}") + more)


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"challenge": 'realm="yard", nonce="{}"'},
        {"challenge": 'realm="yard", nonce="{}", qop="auth", algorithm=SHA-256'},
        {"fresh": True, "stale": True},
        {"fresh": True},
    ],
    ids=["MD5", "without qop", "SHA-256", "a nonce for each request, stale", "a nonce for each request"],
)
def test_a_device_that_knows_http_digest_alone(about, ask):
    """It tells the time to everybody, so that the way to log in shows only at the second question."""
    camera = DigestCamera(**about)
    reading = ask(camera)
    assert reading.ok, reading
    assert (reading.device.serial, reading.device.profiles) == ("SN77", ("main", "sub"))
    assert camera.refused == 0
    assert camera.tokens == 0


@pytest.mark.parametrize("fresh", [False, True])
def test_a_wrong_digest_password_is_sent_once(fresh, ask):
    camera = DigestCamera(password="another", fresh=fresh)
    assert ask(camera).fault is Fault.AUTH_FAILED
    assert camera.refused == 1
    assert camera.asked == ["GetSystemDateAndTime", "GetDeviceInformation", "GetDeviceInformation"]
