"""What is kept of a camera's words holds no login, however the camera writes it."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon_probes.model import Credential
from cammon_probes.redact import kept, without_login

PASSWORD = "k&n<a>r\"i'7 /%+@#?:\\é密"
LOGIN = Credential("yard", "view:er", PASSWORD)
WAYS = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent, path": quote,
    "percent, form": quote_plus,
    "percent, lower case": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "html": html.escape,
    "html, numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "html, hex": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "html twice": lambda text: html.escape(html.escape(text)),
    "xml": escape,
    "xml attribute": lambda text: quoteattr(text),
    "json": lambda text: json.dumps(text)[1:-1],
    "json, not ascii": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "repr": lambda text: repr(text),
    "header": lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    "utf-8 read as latin-1": lambda text: text.encode().decode("latin-1"),
    "gb18030 read as latin-1": lambda text: text.encode("gb18030").decode("latin-1"),
    "not utf-8": lambda text: text.encode("latin-1", "replace").decode("utf-8", "replace"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "basic": lambda text: base64.b64encode(f"{LOGIN.username}:{text}".encode()).decode(),
    "basic for urls": lambda text: base64.urlsafe_b64encode(f"{LOGIN.username}:{text}".encode()).decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_password_is_hidden_however_it_is_written(way):
    told = kept(f"you sent <{WAYS[way](PASSWORD)}>, didn't you", LOGIN)
    assert re.fullmatch(r"""you sent <['"]?\*\*\*['"=]*>, didn't you""", told), told


@settings(deadline=None)
@given(
    password=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=4, max_size=20),
    way=st.sampled_from(sorted(set(WAYS) - {"not utf-8"})),
)
def test_any_password(password, way):
    login = Credential("x", LOGIN.username, password)
    written = WAYS[way](password)
    told = kept(f"[{written}]", login, longest=1000)
    assert "***" in told
    if len(written) > 6:
        assert written not in told


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
def test_in_the_base64_of_a_whole_echo(before):
    login = Credential("x", "admin", "a longer pass phrase")
    echo = base64.b64encode(f"{before}{login.password}, and more".encode()).decode()
    shown = kept(echo, login).partition("***")
    assert shown[1]
    assert len(shown[0]) <= len(before) * 8 // 6, "only digits that hold nothing of the password"


@pytest.mark.parametrize("length", range(4, len("sesam-open")))
def test_an_echo_that_was_cut_off_shows_no_beginning_of_a_password(length):
    login = Credential("x", "admin", "sesam-open")
    assert kept(f"got {login.password[:length]}", login) == "got ***"
    assert kept(f"got {login.password[:length]} x", login) == f"got {login.password[:length]} x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rtsp://user:pw@10.0.0.1/a", "rtsp://10.0.0.1/a"),
        ("HTTP://u@h", "HTTP://h"),
        ("rtsp://h/a@b", "rtsp://h/a@b"),
        ("Authorization: Basic YWRtaW46YWRtaW4=", "Authorization: Basic ***"),
        ('WWW-Authenticate: Basic realm="x"', 'WWW-Authenticate: Basic realm="x"'),
        ("basic training", "basic ***"),
    ],
)
def test_logins_that_are_not_ours(text, told):
    assert kept(text, None) == told
    if "://" in text:
        assert without_login(text) == told


def test_no_password_hides_nothing():
    assert kept("all of this", Credential("x", "admin", "")) == "all of this"


def test_a_long_password_makes_a_pattern_that_works():
    login = Credential("x", "admin", "<é>" * 40)
    assert kept("a " + html.escape(login.password) + " b", login) == "a *** b"
