"""Cameras that give away the login that they were sent, in their words, headers, addresses and facts."""

import base64
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import quote

SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'


def written(password: str) -> list[str]:
    """The password in the forms in which firmware writes it."""
    return [
        password,
        quote(password, safe=""),
        html.escape(password),
        json.dumps(password)[1:-1],
        base64.b64encode(password.encode()).decode(),
        base64.b64encode(f"viewer:{password}".encode()).decode(),
        password.encode().decode("latin-1"),
    ]


class Tattler(StreamRequestHandler):
    """RTSP: asks for Basic, then tells what it was sent, each time in another form and at another place."""

    asked = 0

    def handle(self) -> None:
        while head := self._request():
            if b"Authorization: Basic " not in head:
                self._say("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"')
                continue
            token = head.partition(b"Authorization: Basic ")[2].partition(b"\r\n")[0]
            forms = written(base64.b64decode(token).decode().partition(":")[2])
            form = forms[Tattler.asked % len(forms)]
            place = Tattler.asked // len(forms) % 4
            Tattler.asked += 1
            if place == 0:
                self._say(f"404 no such thing for {form}")
            elif place == 1:
                self._say("302 Found", f"Location: rtsp://viewer:{form}@10.0.0.9/live?password={form}")
            elif place == 2:
                sdp = f"v=0\r\ns={form}\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 {form}/90000\r\na=control:{form}\r\n"
                self._say("200 OK", "Content-Type: application/sdp", body=sdp)
            else:
                self.wfile.write(f"{form} {form}\r\n\r\n".encode("utf-8", "replace"))
                return

    def _request(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, status: str, *headers: str, body: str = "") -> None:
        content = body.encode("utf-8", "replace")
        lines = [f"RTSP/1.0 {status}", "CSeq: 1", *headers, f"Content-Length: {len(content)}"]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace") + content)


class Braggart(BaseHTTPRequestHandler):
    """ONVIF: knows its password and puts it into every fact and address that it tells, as some makers do."""

    password = ""
    asked = 0

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        forms = written(self.password)
        form = html.escape(forms[Braggart.asked // 5 % len(forms)])
        Braggart.asked += 1
        content = SOAP.format(self._answer(asked, form)).encode("utf-8", "replace")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, asked: bytes, form: str) -> str:
        now = datetime.now(UTC)
        if b"GetSystemDateAndTime" in asked:
            return (
                f"<r><UTCDateTime><Time><Hour>{now.hour}</Hour><Minute>{now.minute}</Minute><Second>{now.second}"
                f"</Second></Time><Date><Year>{now.year}</Year><Month>{now.month}</Month><Day>{now.day}</Day></Date>"
                "</UTCDateTime></r>"
            )
        if b"GetDeviceInformation" in asked:
            facts = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")
            return "<r>" + "".join(f"<{fact}>{form} {fact}</{fact}>" for fact in facts) + "</r>"
        if b"GetProfiles" in asked:
            return f'<r><Profiles token="p"><Name>{form}</Name></Profiles></r>'
        if b"GetStreamUri" in asked:
            return f"<r><Uri>rtsp://viewer:{form}@127.66.66.66:554/live?user=viewer&amp;password={form}</Uri></r>"
        if b"GetSnapshotUri" in asked:
            return f"<r><Uri>http://127.66.66.66/snap?usr=viewer&amp;pwd={form}</Uri></r>"
        return f"<s:Fault><s:Reason><s:Text>{form} is not allowed to</s:Text></s:Reason></s:Fault>"

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running(kind: type, address: str, port: int = 0) -> Iterator[int]:
    """The port of one of these, running."""
    server_type = ThreadingHTTPServer if issubclass(kind, BaseHTTPRequestHandler) else ThreadingTCPServer
    with server_type((address, port), kind) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
