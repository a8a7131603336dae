"""SOAP requests of onvif-zeep's service definitions, sent over our own bounded HTTP.

onvif-zeep's `ONVIFCamera` parses every WSDL anew, asks for capabilities and opens a PullPoint subscription that it
never releases; it is not used. Its WSDL files are parsed once per process into zeep documents that all cameras share,
zeep builds and signs the requests, and `onvif_answers` reads the answers, because real devices break the schema.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from zeep import Client, Settings
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from .answers import Answer
from .http import exchange, target
from .login import Challenge, answer_to, chosen, offered
from .model import Credential, Deadline, Endpoint

LARGEST_ANSWER = 2 * 1024 * 1024
_SETTINGS = Settings(
    strict=True, raw_response=True, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True, forbid_external=True
)


@contextlib.contextmanager
def _logging_kept() -> Iterator[None]:
    """onvif-zeep configures the root logger when it is imported."""
    root, client = logging.getLogger(), logging.getLogger("zeep.client")
    handlers, level, client_level = root.handlers[:], root.level, client.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    client.setLevel(client_level)


with _logging_kept():
    import onvif
    from onvif.definition import SERVICES

_WSDL_FOLDER = Path(onvif.__file__).parent.parent / "wsdl"


@dataclass(frozen=True, slots=True)
class _Service:
    document: Document
    binding: str


_services: dict[str, _Service] = {}
_parsing = threading.Lock()


def service_definition(name: str) -> _Service:
    """The parsed WSDL and the binding of `devicemgmt` or `media`: parsed at the first call, shared by all cameras."""
    found = _services.get(name)
    if found is not None:
        return found
    with _parsing:
        if name not in _services:
            about = SERVICES[name]
            document = Document(
                str(_WSDL_FOLDER / about["wsdl"]),
                Transport(),  # type: ignore[arg-type, no-untyped-call]
                settings=_SETTINGS,
            )
            _services[name] = _Service(document, f"{{{about['ns']}}}{about['binding']}")
    return _services[name]


class CameraTimeToken(UsernameToken):
    """A WS-UsernameToken stamped with the camera's own time, in the "Z" form that some firmware insists on."""

    def __init__(self, credential: Credential, camera_time: Callable[[], datetime]) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            credential.username, credential.password, use_digest=True, zulu_timestamp=True
        )
        self._camera_time = camera_time

    def apply(self, envelope: Any, headers: Any) -> Any:
        """Signs one envelope."""
        self.created = self._camera_time()
        return super().apply(envelope, headers)  # type: ignore[no-untyped-call]


class OnvifClient:
    """The device and media service of one camera. Each call is one HTTP request and returns its answer unread."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline, camera_time: Callable[[], datetime]) -> None:
        service_definition("devicemgmt")  # parsed before any request is timed
        self._endpoint = endpoint
        self._deadline = deadline
        self._token: CameraTimeToken | None = None
        if endpoint.credential is not None:
            self._token = CameraTimeToken(endpoint.credential, camera_time)
        self._challenge: Challenge | None = None
        self._answered = 0
        self._log_in = False
        self.media_path = "/onvif/media_service"

    def call(self, service: str, operation: str, *, signed: bool = True, **params: Any) -> Answer:
        """Asks an operation of `devicemgmt` or `media`. Raises `CameraFailed` for what the network does."""
        definition = service_definition(service)
        path = self._endpoint.onvif_path if service == "devicemgmt" else self.media_path
        self._log_in = signed
        token = self._token if signed else None
        client: Any = Client(  # type: ignore[no-untyped-call]
            definition.document, wsse=token, transport=_Post(self._post), settings=_SETTINGS
        )
        answer: Answer = getattr(client.create_service(definition.binding, path), operation)(**params)
        return answer

    def learn_login(self, answer: Answer) -> None:
        """Takes the HTTP login that an unsigned request was refused with, for the signed ones that follow."""
        challenge = chosen(offered(answer))
        if challenge is not None and challenge.scheme == "digest":
            self._challenge, self._answered = challenge, 0

    @property
    def can_sign(self) -> bool:
        """Whether there is a login to sign with."""
        return self._token is not None

    def _post(self, path: str, envelope: bytes, headers: dict[str, str]) -> Answer:
        answer = self._send(path, envelope, headers)
        stale = chosen(offered(answer)) if answer.status == 401 and self._log_in and self._challenge else None
        if stale is not None and stale.stale:
            self._challenge, self._answered = stale, 0
            answer = self._send(path, envelope, headers)
        return answer

    def _send(self, path: str, envelope: bytes, headers: dict[str, str]) -> Answer:
        endpoint, headers = self._endpoint, dict(headers)
        if self._log_in and self._challenge is not None and endpoint.credential is not None:
            self._answered += 1
            login = answer_to(self._challenge, endpoint.credential, "POST", target(path), self._answered)
            headers["Authorization"] = login
        port = endpoint.onvif_port or 80
        trust = endpoint.trust if endpoint.onvif_scheme == "https" else None
        return exchange(
            *(endpoint.host, port, "POST", path, self._deadline),
            headers=headers,
            body=envelope,
            most=LARGEST_ANSWER,
            trust=trust,
        )


class _Post:
    """What zeep asks of a transport for one request. It loads nothing and follows nothing."""

    def __init__(self, post: Callable[[str, bytes, dict[str, str]], Answer]) -> None:
        self._post = post

    def post_xml(self, address: str, envelope: etree._Element, headers: dict[str, str]) -> Answer:
        """Sends an envelope to `address`, which is a path on the configured host."""
        return self._post(address, etree.tostring(envelope, xml_declaration=True, encoding="utf-8"), headers)

    def load(self, url: str) -> bytes:
        """Refuses: everything there is to load was parsed before."""
        raise OSError(f"not loaded: {url}")
