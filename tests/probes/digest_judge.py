"""A camera's side of Digest, written apart from the client that is under test."""

import hashlib
import re

from peers import described, request, rtsp


class DigestJudge:
    """Says whether an Authorization header is right (realm "yard", qop auth)."""

    def __init__(self, password, algorithm="MD5"):
        self.password, self.algorithm = password, algorithm

    def fields(self, head):
        return dict(re.findall(r'(\w+)="?([^",\r]*)"?', head.partition("Authorization: Digest ")[2]))

    def right(self, sent, method):
        algorithm = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[self.algorithm]

        def h(*parts):
            return algorithm(":".join(parts).encode()).hexdigest()

        secret = h(sent["username"], "yard", self.password)
        if "qop" not in sent:
            return sent["response"] == h(secret, sent["nonce"], h(method, sent["uri"]))
        return sent["response"] == h(
            secret, sent["nonce"], sent["nc"], sent["cnonce"], sent["qop"], h(method, sent["uri"])
        )


class CountingCamera(DigestJudge):
    """Asks for Digest with a new nonce for each refusal, and counts the answers that are wrong."""

    def __init__(self, password, algorithm="MD5", stale=0):
        super().__init__(password, algorithm)
        self.stale = stale
        self.refused = self.accepted = self.asked = 0

    def __call__(self, connection):
        nonce = 0
        while True:
            head = request(connection).decode()
            self.asked += 1
            sent, extra = self.fields(head), ""
            if sent and not self.right(sent, head.split()[0]):
                self.refused += 1
            elif sent and self.stale:
                self.stale -= 1
                extra = ", stale=TRUE"
            elif sent:
                self.accepted += 1
                connection.sendall(described())
                continue
            nonce += 1
            challenge = f'Digest realm="yard", nonce="n{nonce}", qop="auth", algorithm={self.algorithm}{extra}'
            connection.sendall(rtsp("401 Unauthorized", f"WWW-Authenticate: {challenge}"))
