"""Strings from cameras made fit to keep: short, printable, without logins."""

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from html.entities import codepoint2name

from .model import Credential

LONGEST = 160
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)
_BASIC = re.compile(r"\b(?P<scheme>Basic\s+)(?!realm)[A-Za-z0-9+/=_-]{4,}", re.IGNORECASE)
_HIDDEN = "***"
_ANY_DIGIT = "[a-z0-9+/_-]?"
"""A digit of base64 that holds a few bits of a secret beside those of its neighbour."""
_FIRST = 4
"""An echo that was cut off in the middle of a secret still shows its beginning: from so many characters on it goes."""


def printable(text: str, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters; control characters and direction marks become a space."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def without_login(url: str) -> str:
    """The address without `user:password@`."""
    return _USERINFO.sub(r"\g<scheme>", url)


def kept(text: str, credential: Credential | None, longest: int = LONGEST) -> str:
    """`text` as evidence may hold it: cameras echo what they were sent, addresses hold logins."""
    text = text[: 4 * longest]
    if credential is not None and credential.password:
        secrets = _secrets(credential)
        if secrets.may_be_in(text):
            text = secrets.pattern.sub(_HIDDEN, text)
    return printable(without_login(_BASIC.sub(rf"\g<scheme>{_HIDDEN}", text)), longest)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What must not be kept of a login: its password and its Basic form, however they are written, whole or cut off.

    `starts` are how they begin, lower case; `marks` what stands in a text in which something is written otherwise.
    """

    pattern: re.Pattern[str]
    starts: tuple[str, ...]
    marks: frozenset[str]

    def may_be_in(self, text: str) -> bool:
        """False where a quick look shows that there is nothing: nearly always, and the pattern takes its time."""
        low = text.lower()
        return not text.isascii() or any(one in low for one in self.starts) or not self.marks.isdisjoint(text)


@lru_cache(maxsize=1024)
def _secrets(credential: Credential) -> _Secrets:
    password, basic, inner = credential.password, _basic(credential), _inner_base64(credential.password)
    patterns = [_whole_or_begun([_written(one) for one in password])]
    patterns.append(_whole_or_begun([_digit(one) for one in basic]) + "=*")
    found = (_whole_or_begun([_digit(one) for one in text]) for text in inner)
    patterns += [f"{_ANY_DIGIT}{pattern}{_ANY_DIGIT}=*" for pattern in found]
    starts = (password, *(re.split("[+/]", text)[0] for text in (basic, *inner)))
    marks = "%&\\" + ("+" if " " in password else "") + ("" if password.isascii() else "?")
    return _Secrets(
        re.compile("|".join(patterns), re.IGNORECASE),
        tuple(start[:_FIRST].lower() for start in starts),
        frozenset(marks),
    )


def _basic(credential: Credential) -> str:
    return base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode().rstrip("=")


def _whole_or_begun(parts: list[str]) -> str:
    """All of the parts, or as many as stand before the end of the text, `_FIRST` at least."""
    rest = ""
    for part in reversed(parts[_FIRST:]):
        rest = rf"(?:{part}{rest}|\Z)"
    return "".join(parts[:_FIRST]) + rest


def _written(char: str) -> str:
    """A pattern of the ways in which a character is written: as it is, escaped (URL, XML, JSON, header), misread."""
    code, utf8 = ord(char), char.encode("utf-8", "surrogatepass")
    names = [name for name in (codepoint2name.get(code), "apos" if char == "'" else None) if name]
    entities = "|".join([f"#0*{code}", f"#x0*{code:x}", *names])
    utf16 = char.encode("utf-16-be", "surrogatepass").hex()
    ways = [
        re.escape(char),
        "".join(f"%(?:25)*{byte:02x}" for byte in utf8),
        f"&(?:amp;)*(?:{entities});",
        "".join(rf"\\+u{utf16[place : place + 4]}" for place in range(0, len(utf16), 4)),
        rf"\\+(?:u{code:08x}|x{code:02x})",
    ]
    if char == " ":
        ways.append(r"\+")
    elif not char.isalnum():
        ways.append(r"\\+" + re.escape(char))
    if code > 127:
        misread = {utf8.decode("latin-1"), char.encode("gb18030", "replace").decode("latin-1")}
        ways += [*map(re.escape, sorted(misread)), "[\ufffd?]+"]
    return "(?:" + "|".join(ways) + ")"


def _digit(char: str) -> str:
    """A digit of base64 in its two alphabets."""
    return {"+": "(?:[+-]|%2b)", "/": "(?:[/_]|%2f)"}.get(char, char)


def _inner_base64(password: str) -> list[str]:
    """What stands of a password in the base64 of a longer text, for each of the three places that it may begin at."""
    found = []
    for before in range(3):
        data = b"\0" * before + password.encode("utf-8", "surrogatepass")
        whole = base64.b64encode(data).decode().rstrip("=")
        # Digits at both ends share their bits with what stands beside the password.
        inner = whole[(before * 8 + 5) // 6 : len(data) * 8 // 6]
        if len(inner) > _FIRST:
            found.append(inner)
    return found
