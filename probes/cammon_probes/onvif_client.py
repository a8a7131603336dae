"""SOAP requests of onvif-zeep's service definitions, sent over our own bounded HTTP, with the login that is asked for.

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
from .failure import CameraFailed
from .http import exchange, target
from .login import Challenge, answer_to, chosen, offered
from .model import DEVICE_SERVICE, Credential, Deadline, Endpoint, Fault
from .onvif_answers import ActionRefused, body_of
from .onvif_xml import Element

LARGEST_ANSWER = 4 * 1024 * 1024
"""The profiles of a recorder of 64 channels are 2 to 3 MiB."""
SOAP = "http://www.w3.org/2003/05/soap-envelope"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
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
    """The services of one camera. Each question is one HTTP request, or two when a login turns out to be wanted.

    No login is sent before the device asks for one: then HTTP Digest alone where it offers that, else a
    WS-UsernameToken, together with HTTP Basic where it offers that alone: devices that want a token offer it as well.
    So a login is never refused for having come the wrong way.
    """

    def __init__(self, endpoint: Endpoint, deadline: Deadline, camera_time: Callable[[], datetime]) -> None:
        service_definition("devicemgmt")  # parsed before any request is timed
        self._endpoint = endpoint
        self._deadline = deadline
        self._token: CameraTimeToken | None = None
        if endpoint.credential is not None:
            self._token = CameraTimeToken(endpoint.credential, camera_time)
        self._asked_for_login = False
        self._challenge: Challenge | None = None
        self._answered = 0
        self._patience: Deadline = deadline
        self.login_accepted = False
        """Whether the device has refused a question without the login and answered it with it: the login is right."""
        self.held_back = False
        """Whether the device asks for the login and gets none, because it is not to be sent now."""
        self.answered_s = (0.0, 0.0)
        """Monotonic seconds before and after the newest answer."""
        self.paths = {"devicemgmt": endpoint.onvif_path or DEVICE_SERVICE, "media": "/onvif/media_service"}
        """Where each service is asked."""

    @property
    def login_kind(self) -> str:
        """How the device wants a login."""
        return "WS-UsernameToken" if self._challenge is None else self._challenge.scheme

    @property
    def login_doubtful(self) -> bool:
        """Whether a login was sent that the device has not shown to be right."""
        return self._asked_for_login and not self.login_accepted

    def ask(self, service: str, operation: str, patience: Deadline | None = None, **params: Any) -> Element:
        """The SOAP body that answers an operation of `devicemgmt`, `media` or `media2`.

        Raises `CameraFailed` for what network, login and device do, `ActionRefused` when the device will not.
        """
        self._patience = patience or self._deadline
        if not self._asked_for_login:
            answer = self._call(service, operation, params)
            try:
                return body_of(answer)
            except CameraFailed as failed:
                if failed.fault not in (Fault.AUTH_FAILED, Fault.FORBIDDEN) or self._token is None:
                    raise
                if self.held_back or not self._endpoint.turn.begin(self._patience):
                    self.held_back = True
                    raise
            self._asked_for_login = True
            self._learn(answer)
        return self._ask_logged_in(service, operation, params)

    def _ask_logged_in(self, service: str, operation: str, params: dict[str, Any]) -> Element:
        answer = self._call(service, operation, params)
        if answer.status == 401 and self._nonce_is_old(answer):
            self._learn(answer)
            answer = self._call(service, operation, params)
        try:
            body = body_of(answer)
        except ActionRefused as refused:
            # Asked without a login it refused for want of one; whatever it calls that now, it is the login.
            if self.login_doubtful and not refused.understood:
                raise CameraFailed(Fault.AUTH_FAILED, status=answer.status, soap=str(refused)) from None
            self._accepted()
            raise
        self._accepted()
        return body

    def _accepted(self) -> None:
        if not self.login_accepted:
            self.login_accepted = True
            self._endpoint.turn.accepted()

    def _learn(self, answer: Answer) -> None:
        challenge = chosen(offered(answer))
        if challenge is not None:
            self._challenge, self._answered = challenge, 0

    def _nonce_is_old(self, answer: Answer) -> bool:
        """Whether only the nonce was refused. Devices with a nonce for each connection do not say that it is stale."""
        again = chosen(offered(answer))
        if again is None or again.scheme != "digest" or self._challenge is None:
            return False
        return again.stale or (self.login_accepted and again.params.get("nonce") != self._challenge.params.get("nonce"))

    def _call(self, service: str, operation: str, params: dict[str, Any]) -> Answer:
        digest = self._challenge is not None and self._challenge.scheme == "digest"
        token = self._token if self._asked_for_login and not digest else None
        path = self.paths[service]
        if service == "media2":
            return self._call_media2(path, operation, params, token)
        definition = service_definition(service)
        client: Any = Client(  # type: ignore[no-untyped-call]
            definition.document, wsse=token, transport=_Post(self._send), settings=_SETTINGS
        )
        answer: Answer = getattr(client.create_service(definition.binding, path), operation)(**params)
        return answer

    def _call_media2(self, path: str, operation: str, params: dict[str, Any], token: CameraTimeToken | None) -> Answer:
        """onvif-zeep has no definition of Media2; the three questions are short enough to be written by hand."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP, "tr2": MEDIA2})
        question = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{MEDIA2}}}{operation}")
        for name, value in params.items():
            etree.SubElement(question, f"{{{MEDIA2}}}{name}").text = value
        if token is not None:
            envelope, _ = token.apply(envelope, {})
        kind = f'application/soap+xml; charset=utf-8; action="{MEDIA2}/{operation}"'
        return _Post(self._send).post_xml(path, envelope, {"Content-Type": kind})

    def _send(self, path: str, envelope: bytes, headers: dict[str, str]) -> Answer:
        endpoint, headers = self._endpoint, dict(headers)
        if self._challenge is not None and endpoint.credential is not None:
            self._answered += 1
            login = answer_to(self._challenge, endpoint.credential, "POST", target(path), self._answered)
            headers["Authorization"] = login
        trust = endpoint.trust if endpoint.onvif_scheme == "https" else None
        begun_s = self._deadline.monotonic()
        answer = exchange(
            *(endpoint.host, endpoint.onvif_port or 80, "POST", path, self._patience),
            headers=headers,
            body=envelope,
            most=LARGEST_ANSWER,
            trust=trust,
        )
        self.answered_s = begun_s, self._deadline.monotonic()
        return answer


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
