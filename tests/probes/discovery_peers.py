"""Devices that answer WS-Discovery on the multicast group of loopback."""

import socket
import struct
import threading

GROUP, PORT = "239.255.255.250", 3702
MATCH = (
    '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
    "<e:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch><d:Types>{types}</d:Types>"
    "<d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)
SCOPES = "onvif://www.onvif.org/name/Gate%20East onvif://www.onvif.org/hardware/D-1 onvif://www.onvif.org/type/ptz"


def match(addresses, types="dn:NetworkVideoTransmitter", scopes=SCOPES):
    return MATCH.format(addresses=addresses, types=types, scopes=scopes).encode()


class Responder:
    """Answers questions on the multicast group of loopback, from an address of its own."""

    def __init__(self, *replies: bytes, host: str = "127.0.0.1") -> None:
        self.asked: list[bytes] = []
        self._replies = replies
        self._in = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._in.bind((GROUP, PORT))
        self._in.setsockopt(
            socket.IPPROTO_IP,
            socket.IP_ADD_MEMBERSHIP,
            struct.pack("4s4s", *map(socket.inet_aton, (GROUP, "127.0.0.1"))),
        )
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._out.bind((host, 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            data, sender = self._in.recvfrom(65535)
            if not data:
                return
            if sender[1] == self._out.getsockname()[1] or b"Probe<" not in data:
                continue
            self.asked.append(data)
            for reply in self._replies:
                self._out.sendto(reply, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            last.sendto(b"", (GROUP, PORT))
        self._thread.join(2)
        self._in.close()
        self._out.close()
