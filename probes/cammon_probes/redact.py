"""Strings from cameras made fit to keep: short, printable, without logins."""

import base64
import re

from .model import Credential

LONGEST = 160
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)


def printable(text: str, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters; control characters and direction marks become a space."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def without_login(url: str) -> str:
    """The address without `user:password@`."""
    return _USERINFO.sub(r"\g<scheme>", url)


def secrets_of(credential: Credential | None) -> tuple[str, ...]:
    """What must not be kept of a login: the password as it is, and as Basic sends it."""
    if credential is None or not credential.password:
        return ()
    basic = base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode()
    return credential.password, basic


def kept(text: str, credential: Credential | None, longest: int = LONGEST) -> str:
    """`text` as evidence may hold it: cameras echo what they were sent, addresses hold logins."""
    for secret in secrets_of(credential):
        text = text.replace(secret, "***")
    return printable(without_login(text), longest)
