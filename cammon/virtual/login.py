"""Login over RTSP and HTTP: challenges, and the judgement of what comes back (RFC 7616, RFC 2617, RFC 7617)."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from cammon.virtual.accounts import Accounts
from cammon.virtual.model import Login, Scheme

REALM = "IP Camera"
STRANGER = Login("nobody", secrets.token_hex(16))
"""Stands for the login of a camera that has none, when it refuses all the same."""
_ALGORITHMS = {Scheme.DIGEST_MD5: "MD5", Scheme.DIGEST_SHA256: "SHA-256"}
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Verdict(StrEnum):
    """What a request's login is worth. Only `wrong` and `locked` are refusals of a password."""

    RIGHT = "right"
    MISSING = "missing"
    STALE = "stale"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the login judges it: method, request URI, and the Authorization header, if any."""

    method: str
    uri: str
    authorization: str | None = None


class Gate:
    """The login of one box. All its channels share its accounts, so they are locked together."""

    def __init__(self, accounts: Accounts, nonce_life_s: float, monotonic: Callable[[], float]) -> None:
        self.accounts = accounts
        self._nonce_life_s = nonce_life_s
        self._monotonic = monotonic
        self._key = secrets.token_bytes(16)

    def challenges(self, login: Login, *, stale: bool = False, qop: bool = False) -> list[str]:
        """The values of the WWW-Authenticate headers, one per scheme. RTSP devices offer no `qop`, HTTP ones do."""
        return [self._challenge(scheme, stale=stale, qop=qop) for scheme in login.schemes]

    def _challenge(self, scheme: Scheme, *, stale: bool, qop: bool) -> str:
        if scheme is Scheme.BASIC:
            return f'Basic realm="{REALM}"'
        tail = (', qop="auth"' if qop else "") + (", stale=true" if stale else "")
        return f'Digest realm="{REALM}", nonce="{self._new_nonce()}", algorithm={_ALGORITHMS[scheme]}{tail}'

    def judge(self, login: Login | None, asked: Asked, *, refuse: bool = False) -> Verdict:
        """What this request's login is worth, counted. `refuse`: every password is wrong."""
        if login is None and not refuse:
            return Verdict.RIGHT
        login = None if login is None else self.accounts.current(login)
        scheme, _, rest = (asked.authorization or "").partition(" ")
        if scheme.lower() == "digest":
            given = _parameters(rest)
            username = given.get("username", "")
            verdict = self._digest(login, asked, given)
        elif scheme.lower() == "basic":
            username, password = _basic(rest)
            verdict = _basic_verdict(login, username, password)
        else:
            return Verdict.MISSING
        return self.count(username, Verdict.WRONG if refuse and verdict is Verdict.RIGHT else verdict)

    def excuse(self, verdict: Verdict, asked: Asked) -> str:
        """What a camera says beside its refusal, for people to read; "" when no password was refused."""
        return self.excuse_to(username_of(asked.authorization), verdict)

    def excuse_to(self, username: str, verdict: Verdict) -> str:
        """The same, where the account is known."""
        if verdict is Verdict.LOCKED:
            return f"The account is locked, try again in {ceil(self.accounts.locked_s(username))} s"
        if verdict is Verdict.WRONG:
            return f"Wrong user name or password, attempts left: {self.accounts.attempts_left(username)}"
        return ""

    def count(self, username: str, verdict: Verdict) -> Verdict:
        """Enter a verdict into the accounts; a locked account is locked whatever was given."""
        if verdict in (Verdict.RIGHT, Verdict.WRONG) and self.accounts.locked_s(username):
            return Verdict.LOCKED
        if verdict is Verdict.RIGHT:
            self.accounts.right(username)
        elif verdict is Verdict.WRONG:
            self.accounts.wrong(username)
        return verdict

    def _digest(self, login: Login | None, asked: Asked, given: Mapping[str, str]) -> Verdict:
        scheme = Scheme.DIGEST_SHA256 if given.get("algorithm", "").upper() == "SHA-256" else Scheme.DIGEST_MD5
        if login is None or scheme not in login.schemes or not _complete(given, asked):
            return Verdict.WRONG
        age_s = self._nonce_age_s(given["nonce"])
        if age_s is None or age_s > self._nonce_life_s:
            return Verdict.STALE
        right = digest_response(scheme, login, asked.method, given)
        return Verdict.RIGHT if hmac.compare_digest(right, given["response"].lower().encode()) else Verdict.WRONG

    def _new_nonce(self) -> str:
        # The serial keeps two nonces of one instant apart.
        body = f"{int(self._monotonic() * 1000):x}.{secrets.token_hex(4)}"
        return f"{body}.{self._seal(body)}"

    def _nonce_age_s(self, nonce: str) -> float | None:
        body, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(body).encode()):
            return None
        return self._monotonic() - int(body.partition(".")[0], 16) / 1000

    def _seal(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]


def digest_response(scheme: Scheme, login: Login, method: str, given: Mapping[str, str]) -> bytes:
    """The response that the right password gives (RFC 7616 section 3.4), lower-case hex."""

    def digest(text: str) -> str:
        data = text.encode("utf-8", "replace")
        if scheme is Scheme.DIGEST_SHA256:
            return hashlib.sha256(data).hexdigest()
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    secret = digest(f"{login.username}:{REALM}:{login.password}")
    request = digest(f"{method}:{given['uri']}")
    middle = given["nonce"]
    if "qop" in given:
        middle = ":".join([given["nonce"], given.get("nc", ""), given.get("cnonce", ""), given["qop"]])
    if given.get("username") != login.username:
        secret = digest(secrets.token_hex(16))
    return digest(f"{secret}:{middle}:{request}").encode()


def _complete(given: Mapping[str, str], asked: Asked) -> bool:
    return all(name in given for name in ("username", "nonce", "uri", "response")) and given["uri"] == asked.uri


def _parameters(text: str) -> dict[str, str]:
    found = _PARAMETER.finditer(text[:4096])
    return {match[1].lower(): (match[2] if match[2] is not None else match[3]) for match in found}


def username_of(authorization: str | None) -> str:
    """The account that an Authorization header names; "" when none does."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() == "digest":
        return _parameters(rest).get("username", "")
    return _basic(rest)[0] if scheme.lower() == "basic" else ""


def _basic(text: str) -> tuple[str, str]:
    try:
        username, _, password = base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return username, password


def _basic_verdict(login: Login | None, username: str, password: str) -> Verdict:
    if login is None or Scheme.BASIC not in login.schemes:
        return Verdict.WRONG
    same = hmac.compare_digest(f"{username}:{password}".encode(), f"{login.username}:{login.password}".encode())
    return Verdict.RIGHT if same else Verdict.WRONG
