"""The fleet of a site as a process of its own: what `cammon demo` starts."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from cammon.daylight import period_at
from cammon.sitefiles.model import Site
from cammon.virtual.fleet import Fleet
from cammon.virtual.model import FleetOptions, PictureSource
from cammon.virtual.pattern import TestPattern
from cammon.virtual.render import Renderer
from cammon.virtual.specs import specs_of
from cammon.virtual.story import Cue, play
from cammon_coverage.model import Period
from cammon_probes.model import Frame

PARENT_LOOK_S = 0.5


class SitePictures:
    """Pictures rendered from a site's map; a test pattern for cameras whose pose nobody knows."""

    def __init__(self, site: Site) -> None:
        self._posed = frozenset(camera.id for camera in site.scene.cameras)
        self._renderer = Renderer(site.scene)
        self._pattern = TestPattern()

    def frame(
        self,
        camera_id: str,
        width_px: int,
        height_px: int,
        *,
        at: datetime,
        elapsed_s: float,
        period: Period,
        faults: Mapping[str, Mapping[str, float]],
        seed: int,
    ) -> Frame:
        """The picture, height x width x 3, blue-green-red."""
        source: PictureSource = self._renderer if camera_id in self._posed else self._pattern
        return source.frame(
            camera_id, width_px, height_px, at=at, elapsed_s=elapsed_s, period=period, faults=faults, seed=seed
        )


def fleet_of(
    site: Site,
    logins: Mapping[str, tuple[str, str]],
    options: FleetOptions | None = None,
    pictures: PictureSource | None = None,
) -> Fleet:
    """The virtual cameras of a site's ledger; `logins` gives user and password per credential name.

    `pictures` None: rendered from the site's map. BadFleet where the ledger cannot be served.
    """

    def daylight(at: datetime) -> Period:
        return period_at(site.daylight, at, site.time_zone)

    source = pictures or SitePictures(site)
    return Fleet(specs_of(site, logins), source, options, daylight=daylight, zone=site.time_zone)


def run_fleet(
    site: Site,
    logins: Mapping[str, tuple[str, str]],
    control_port: int | None = 8001,
    *,
    options: FleetOptions | None = None,
    story: Sequence[Cue] = (),
    say: Callable[[Cue], None] = lambda _cue: None,
    ready: Callable[[Fleet], None] = lambda _fleet: None,
    with_parent: bool = False,
) -> None:
    """Run the fleet of a site until SIGINT or SIGTERM, in the main thread. CannotListen, BadFleet.

    Without `options` it is also announced by WS-Discovery on loopback.

    `ready` is called once everything listens, `say` at each beat of the story. `with_parent`: end also when the process
    that started this one is gone, so that no port stays taken after a kill -9.
    """
    fleet = fleet_of(site, logins, replace(options or FleetOptions(announce=True), control_port=control_port))
    asyncio.run(_run(fleet, story, say, ready, with_parent))


async def _run(
    fleet: Fleet,
    story: Sequence[Cue],
    say: Callable[[Cue], None],
    ready: Callable[[Fleet], None],
    with_parent: bool,
) -> None:
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    parent = os.getppid()
    await fleet.start()
    try:
        ready(fleet)
        player = asyncio.create_task(play(fleet, story, say))
        await _until(over, parent if with_parent else None)
        player.cancel()
        with suppress(asyncio.CancelledError):
            await player
    finally:
        await fleet.stop()


async def _until(over: asyncio.Event, parent: int | None) -> None:
    while not over.is_set() and (parent is None or os.getppid() == parent):
        with suppress(TimeoutError):
            async with asyncio.timeout(None if parent is None else PARENT_LOOK_S):
                await over.wait()
