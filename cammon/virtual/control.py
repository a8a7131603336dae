"""The control of a fleet: plain HTTP with JSON on loopback.

No page in a browser can use it from elsewhere: changes are PUT and DELETE, which a browser asks leave for first and is
refused, requests that bear an Origin are refused, and so is any Host but the control's own (DNS rebinding).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from cammon.virtual.box import cannot_listen
from cammon.virtual.faults import FAULTS, BadParameter
from cammon.virtual.model import CannotListen
from cammon.virtual.state import state_of
from cammon.virtual.switchboard import Light, Scope, UnknownName

if TYPE_CHECKING:
    from cammon.virtual.fleet import Fleet

MAX_BODY = 16 * 1024
_PLURALS = {Scope.CAMERA: "cameras", Scope.SWITCH: "switches", Scope.RECORDER: "recorders"}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Serves the state of a fleet and changes its faults."""

    def __init__(self, fleet: "Fleet") -> None:
        self._fleet = fleet
        self._runner: web.AppRunner | None = None
        self._hosts: frozenset[str] = frozenset()
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen. CannotListen."""
        app = web.Application(middlewares=[self._guard, _explained], client_max_size=MAX_BODY)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            raise cannot_listen(host, port, error) from error
        self.port = int(self._runner.addresses[0][1])
        self._hosts = frozenset(f"{name}:{self.port}" for name in (host, "localhost"))

    async def stop(self) -> None:
        """Close."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _routes(self) -> list[web.RouteDef]:
        routes = [
            web.get("/state", self._state),
            web.get("/faults", _faults),
            web.delete("/faults", self._repair_all),
            web.put("/light/{light}", self._light),
        ]
        for scope, plural in _PLURALS.items():
            one, down = self._fault(scope), self._fault(scope, "power_loss")
            path = f"/{plural}/{{name}}"
            routes += [web.put(f"{path}/faults/{{fault}}", one), web.delete(f"{path}/faults/{{fault}}", one)]
            routes += [web.delete(f"{path}/faults", one)]
            if scope is not Scope.CAMERA:
                routes += [web.put(f"{path}/down", down), web.delete(f"{path}/down", down)]
        return routes

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.headers.get("Host", "") not in self._hosts:
            return _error(403, f"this control answers to the host {' or '.join(sorted(self._hosts))} only")
        if "Origin" in request.headers:
            return _error(403, "this control does not answer to web pages")
        return await handler(request)

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(state_of(self._fleet))

    async def _repair_all(self, _request: web.Request) -> web.Response:
        return web.json_response({"cameras": await self._fleet.clear_all()})

    async def _light(self, request: web.Request) -> web.Response:
        name = request.match_info["light"]
        if name not in set(Light):
            raise UnknownName("light", name, set(Light))
        self._fleet.set_light(Light(name))
        return web.json_response({"light": name})

    def _fault(self, scope: Scope, fixed: str | None = None) -> _Handler:
        async def handler(request: web.Request) -> web.Response:
            name, fault = request.match_info["name"], fixed or request.match_info.get("fault")
            if request.method == "PUT" and fault is not None:
                reached = await self._fleet.put_fault(scope, name, fault, await _parameters(request))
            else:
                reached = await self._fleet.clear_fault(scope, name, fault)
            return web.json_response({"cameras": reached})

        return handler


@web.middleware
async def _explained(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """What goes wrong, as JSON with what would be right."""
    try:
        return await handler(request)
    except UnknownName as error:
        return _error(404, str(error), known=list(error.known))
    except BadParameter as error:
        return _error(400, str(error))
    except CannotListen as error:
        return _error(409, str(error))
    except web.HTTPException as error:
        return _error(error.status, error.reason)


async def _faults(_request: web.Request) -> web.Response:
    return web.json_response({name: _kind(name) for name in FAULTS})


def _kind(name: str) -> dict[str, Any]:
    kind = FAULTS[name]
    parameters = {
        key: {"default": spec.default, "low": spec.low, "high": spec.high} for key, spec in kind.parameters.items()
    }
    return {"layer": kind.layer, "meaning": kind.meaning, "parameters": parameters}


async def _parameters(request: web.Request) -> Mapping[str, object]:
    """The JSON object in the body, {} for an empty one. BadParameter."""
    body = await request.read()
    if not body.strip():
        return {}
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadParameter("the body must be a JSON object of parameters, or empty") from error
    if not isinstance(given, dict):
        raise BadParameter("the body must be a JSON object of parameters, or empty")
    return given


def _error(status: int, text: str, **more: object) -> web.Response:
    return web.json_response({"error": text, **more}, status=status)
