"""A fleet in a thread of its own, for tests and for tools that are no event loop themselves."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from cammon.virtual.fleet import Fleet
from cammon.virtual.model import CameraSpec, FleetOptions, PictureSource
from cammon.virtual.state import state_of
from cammon.virtual.switchboard import Light, Scope
from cammon_probes.model import Endpoint

PATIENCE_S = 30.0
_T = TypeVar("_T")


class RunningFleet:
    """A handle on a fleet that runs in another thread. Each call returns when its effect shows on the network."""

    def __init__(self, fleet: Fleet, loop: asyncio.AbstractEventLoop) -> None:
        self._fleet = fleet
        self._loop = loop

    def endpoint(self, camera_id: str) -> Endpoint:
        """Where a camera answers, and its right login. KeyError."""
        return self._fleet.endpoint(camera_id)

    @property
    def control_url(self) -> str:
        """The address of the control, where the options ask for one."""
        return f"http://{self._fleet.options.control_host}:{self._fleet.control_port}"

    def put(self, camera_id: str, fault: str, **params: float) -> None:
        """Switch a fault of a camera on. UnknownName, BadParameter."""
        self.put_group(Scope.CAMERA, camera_id, fault, **params)

    def clear(self, camera_id: str, fault: str | None = None) -> None:
        """Switch one fault of a camera off, or all. UnknownName."""
        self._do(self._fleet.clear_fault(Scope.CAMERA, camera_id, fault))

    def put_group(self, scope: Scope, name: str, fault: str, **params: float) -> None:
        """Switch a fault on for everything behind a switch or recorder."""
        self._do(self._fleet.put_fault(scope, name, fault, params))

    def switch_down(self, name: str) -> None:
        """A switch loses power."""
        self.put_group(Scope.SWITCH, name, "power_loss")

    def switch_up(self, name: str) -> None:
        """And has it again."""
        self._do(self._fleet.clear_fault(Scope.SWITCH, name, "power_loss"))

    def clear_all(self) -> None:
        """Repair everything."""
        self._do(self._fleet.clear_all())

    def light(self, light: Light) -> None:
        """Day, night, or what the clock says."""
        self._call(lambda: self._fleet.set_light(light))

    def change_password(self, camera_id: str, password: str) -> None:
        """Somebody changes the password of a camera's box at the device. KeyError."""
        self._call(lambda: self._fleet.change_password(camera_id, password))

    def state(self) -> dict[str, Any]:
        """The state as the control tells it."""
        return self._call(lambda: state_of(self._fleet))

    def _call(self, work: Callable[[], _T]) -> _T:
        async def run() -> _T:
            return work()

        return self._do(run())

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def running_fleet(
    cameras: Iterable[CameraSpec],
    pictures: PictureSource | None = None,
    options: FleetOptions | None = None,
    **more: Any,
) -> Iterator[RunningFleet]:
    """A fleet that runs while the context is open; `more` as for Fleet. CannotListen, BadFleet."""
    fleet = Fleet(cameras, pictures, options, **more)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fleet", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(fleet.start(), loop).result(PATIENCE_S)
        yield RunningFleet(fleet, loop)
    finally:
        asyncio.run_coroutine_threadsafe(_ended(fleet), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


async def _ended(fleet: Fleet) -> None:
    """Stop, and wait for connections to hear of it, as `asyncio.run` does for a fleet in a process of its own."""
    await fleet.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
