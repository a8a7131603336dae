"""Answers to a login that a camera asks for: Digest (RFC 7616: MD5, SHA-256; RFC 2069 without qop), else Basic."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from .answers import Answer
from .model import Credential

_SCHEME = re.compile(r"\s*,?\s*(?P<scheme>[A-Za-z][A-Za-z0-9_-]*)(?=\s+[A-Za-z]+\s*=|\s*$|\s*,)")
_PARAM = re.compile(r'\s*,?\s*(?P<key>[A-Za-z]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))')
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_STRENGTH = ("SHA-256", "SHA-256-SESS", "MD5", "MD5-SESS")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in that a camera offers."""

    scheme: str
    params: dict[str, str] = field(default_factory=dict)
    cnonce: str = field(default_factory=lambda: secrets.token_hex(8), compare=False)
    """Ours. One for all answers to a challenge: servers work out the session of a `-sess` form once, from the first."""

    @property
    def algorithm(self) -> str:
        """The Digest algorithm in upper case; MD5 where none is named."""
        return self.params.get("algorithm", "MD5").upper()

    @property
    def usable(self) -> bool:
        """Whether `answer_to` can answer it."""
        if self.scheme == "basic":
            return True
        qop = self.params.get("qop")
        return self.scheme == "digest" and self.algorithm in _STRENGTH and (qop is None or "auth" in _tokens(qop))

    @property
    def stale(self) -> bool:
        """Whether the camera says that only the nonce was too old: no refused login."""
        return self.params.get("stale", "").lower() == "true"


def offered(answer: Answer) -> tuple[Challenge, ...]:
    """All ways to log in that the answer offers."""
    return tuple(challenge for value in answer.all("www-authenticate") for challenge in _challenges(value))


def chosen(challenges: tuple[Challenge, ...]) -> Challenge | None:
    """The strongest Digest that can be answered; Basic only when no Digest is offered at all; None: neither."""
    digests = [challenge for challenge in challenges if challenge.scheme == "digest"]
    if digests:
        usable = [challenge for challenge in digests if challenge.usable]
        return min(usable, key=lambda challenge: _STRENGTH.index(challenge.algorithm), default=None)
    return next((challenge for challenge in challenges if challenge.scheme == "basic"), None)


def answer_to(challenge: Challenge, credential: Credential, method: str, uri: str, count: int = 1) -> str:
    """The value of the Authorization header. `count` is the number of requests answered with this nonce."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode()
    cnonce, nc = challenge.cnonce, f"{count:08x}"
    qop = "auth" if "qop" in challenge.params else None
    response = digest_response(challenge, credential, method, uri, cnonce, nc)
    fields = [
        f'username="{_quoted(credential.username)}"',
        f'realm="{challenge.params.get("realm", "")}"',
        f'nonce="{challenge.params.get("nonce", "")}"',
        f'uri="{uri}"',
        f'response="{response}"',
    ]
    if "algorithm" in challenge.params:
        fields.append(f"algorithm={challenge.params['algorithm']}")
    if "opaque" in challenge.params:
        fields.append(f'opaque="{challenge.params["opaque"]}"')
    if qop or challenge.algorithm.endswith("-SESS"):
        fields.append(f'cnonce="{cnonce}"')
    if qop:
        fields += [f"qop={qop}", f"nc={nc}"]
    return "Digest " + ", ".join(fields)


def digest_response(challenge: Challenge, credential: Credential, method: str, uri: str, cnonce: str, nc: str) -> str:
    """The response of RFC 7616 section 3.4.1; without qop that of RFC 2069."""
    algorithm = challenge.algorithm
    digest = _HASHES[algorithm.removesuffix("-SESS")]

    def hashed(*parts: str) -> str:
        return digest(":".join(parts).encode()).hexdigest()

    realm, nonce = (_unquoted(challenge.params.get(name, "")) for name in ("realm", "nonce"))
    secret = hashed(credential.username, realm, credential.password)
    if algorithm.endswith("-SESS"):
        secret = hashed(secret, nonce, cnonce)
    if "qop" in challenge.params:
        return hashed(secret, nonce, nc, cnonce, "auth", hashed(method, uri))
    return hashed(secret, nonce, hashed(method, uri))


def _challenges(value: str) -> list[Challenge]:
    """A header may hold several challenges in a row (RFC 7235 section 4.1)."""
    found: list[Challenge] = []
    position = 0
    while position < len(value):
        if param := _PARAM.match(value, position):
            if found:
                quoted = param["quoted"]
                found[-1].params.setdefault(param["key"].lower(), param["token"] if quoted is None else quoted)
            position = param.end()
        elif scheme := _SCHEME.match(value, position):
            found.append(Challenge(scheme["scheme"].lower(), {}))
            position = scheme.end()
        else:
            position += 1
    return found


def _tokens(text: str) -> list[str]:
    return [token.strip().lower() for token in text.split(",")]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
