"""The web server of a box: ONVIF services and snapshots (aiohttp)."""

from xml.etree.ElementTree import Element

from aiohttp import web

from cammon.virtual.login import STRANGER, Asked, Verdict, username_of
from cammon.virtual.model import CameraSpec
from cammon.virtual.onvif import DEVICE_PATH, MEDIA_PATH, OPERATIONS, Call, snapshot_path
from cammon.virtual.soap import CONTENT_TYPE, SoapFault, envelope, fault, read_envelope
from cammon.virtual.station import Station
from cammon.virtual.wsse import TokenDesk

MAX_BODY = 64 * 1024


class BoxWeb:
    """Answers the HTTP requests to one box."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._tokens = TokenDesk(station.stage.options.created_window_s)
        self._snapshots = {snapshot_path(station, camera): camera for camera in station.cameras}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, whatever it is."""
        if request.path in (DEVICE_PATH, MEDIA_PATH):
            return await self._soap(request)
        camera = self._snapshots.get(request.path)
        if camera is None:
            return web.Response(status=404, text="Not Found")
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        return await self._snapshot(request, camera)

    async def _snapshot(self, request: web.BaseRequest, camera: CameraSpec) -> web.Response:
        verdict, asked = self._http_login(request, camera)
        if verdict is not Verdict.RIGHT:
            return self._unauthorized(verdict, asked, camera)
        if self._station.shared and any(self._station.has(camera, name) for name in ("offline", "power_loss", "mute")):
            return web.Response(status=503, text="No video")
        body = await self._station.stage.media.snapshot(camera)
        return web.Response(body=body, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    def _http_login(self, request: web.BaseRequest, camera: CameraSpec) -> tuple[Verdict, Asked]:
        asked = Asked(request.method, request.raw_path, request.headers.get("Authorization"))
        refuse = self._station.has(camera, "refuses_login")
        return self._station.gate.judge(camera.login, asked, refuse=refuse), asked

    def _unauthorized(self, verdict: Verdict, asked: Asked, camera: CameraSpec) -> web.Response:
        gate = self._station.gate
        response = web.Response(status=401, text=gate.excuse(verdict, asked) or "Unauthorized")
        for challenge in gate.challenges(camera.login or STRANGER, stale=verdict is Verdict.STALE, qop=True):
            response.headers.add("WWW-Authenticate", challenge)
        return response

    async def _soap(self, request: web.BaseRequest) -> web.Response:
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        try:
            content = await self._operation(request)
        except SoapFault as error:
            return web.Response(status=error.status, body=fault(error), headers={"Content-Type": CONTENT_TYPE})
        return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE})

    async def _operation(self, request: web.BaseRequest) -> bytes:
        body = await _body(request)
        content, header = read_envelope(body)
        operation = OPERATIONS.get(content.tag)
        if operation is None:
            raise SoapFault(False, ("ter:ActionNotSupported",), "Optional Action Not Implemented")
        if operation.needs_login:
            self._soap_login(request, header)
        return envelope(operation.answer(Call(self._station, content)))

    def _soap_login(self, request: web.BaseRequest, header: Element | None) -> None:
        """The account by WS-UsernameToken or, where there is none, by HTTP. SoapFault."""
        camera = self._station.cameras[0]
        gate, refuse = self._station.gate, self._station.has(camera, "refuses_login")
        if camera.login is None and not refuse:
            return
        now = self._station.stage.moments.now(camera.id)
        username, verdict = self._tokens.judge(self._station.logins, header, now)
        if verdict is Verdict.MISSING:
            named = username_of(request.headers.get("Authorization"))
            owner = next((one for one in self._station.cameras if one.login and one.login.username == named), camera)
            verdict, asked = self._http_login(request, owner)
            reason = gate.excuse(verdict, asked)
        else:
            verdict = gate.count(username, Verdict.WRONG if refuse else verdict)
            reason = gate.excuse_to(username, verdict)
        if verdict is not Verdict.RIGHT:
            raise SoapFault(True, ("ter:NotAuthorized",), reason or "Sender not Authorized")


async def _body(request: web.BaseRequest) -> bytes:
    """The request's body, up to MAX_BODY. SoapFault when it is longer."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise SoapFault(True, ("ter:WellFormed",), "The request is too large")
    return bytes(body)
