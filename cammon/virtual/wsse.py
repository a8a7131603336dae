"""WS-UsernameToken with PasswordDigest, judged by the camera's own clock (WSS UsernameToken Profile 1.0)."""

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from cammon.virtual.login import Verdict
from cammon.virtual.model import Login
from cammon.virtual.soap import WSSE, WSU

REMEMBERED_NONCES = 4096
_DIGEST_TYPE = "#PasswordDigest"


class TokenDesk:
    """Judges tokens; a nonce is good once, and only near the time that its token says."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def judge(self, logins: Iterable[Login], header: Element | None, now: datetime) -> tuple[str, Verdict]:
        """The account of the box that a SOAP header names and what its token is worth; missing when there is none.

        A token too old, from the future or used before is refused like a wrong password: a camera does not tell which.
        """
        token = None if header is None else header.find(f"{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
        if token is None:
            return "", Verdict.MISSING
        username = (token.findtext(f"{{{WSSE}}}Username") or "").strip()
        right = any(username == login.username and self._is_right(login, token, now) for login in logins)
        return username, Verdict.RIGHT if right else Verdict.WRONG

    def _is_right(self, login: Login, token: Element, now: datetime) -> bool:
        password = token.find(f"{{{WSSE}}}Password")
        created = (token.findtext(f"{{{WSU}}}Created") or "").strip()
        nonce = _decoded(token.findtext(f"{{{WSSE}}}Nonce") or "")
        made = _time(created)
        if password is None or not (password.get("Type") or "").endswith(_DIGEST_TYPE) or nonce is None or made is None:
            return False
        if not hmac.compare_digest(
            password_digest(nonce, created, login.password), _decoded(password.text or "") or b""
        ):
            return False
        return abs((now - made).total_seconds()) <= self._window_s and self._is_new(nonce)

    def _is_new(self, nonce: bytes) -> bool:
        if nonce in self._seen:
            return False
        self._seen[nonce] = None
        if len(self._seen) > REMEMBERED_NONCES:
            self._seen.popitem(last=False)
        return True


def password_digest(nonce: bytes, created: str, password: str) -> bytes:
    """SHA-1 of nonce, created and password."""
    return hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def _time(text: str) -> datetime | None:
    """An xsd:dateTime; UTC when it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
