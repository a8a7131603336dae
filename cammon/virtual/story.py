"""The five-minute story that `cammon demo --script` plays: faults and repairs, each with a caption in two languages.

The table names roles; `cast` fills them from the site, so that the story fits any site with cameras and key places.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

import numpy as np

from cammon.sitefiles.model import Site
from cammon.virtual.fleet import Fleet
from cammon.virtual.switchboard import Light, Scope
from cammon_coverage.model import Camera, KeyPlace
from cammon_coverage.optics import project

LENGTH_S = 300.0


class Action(StrEnum):
    """What a beat does."""

    BREAK = "break"
    REPAIR = "repair"
    LIGHT = "light"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class Beat:
    """One moment of the story. `role` is filled by the cast; captions may name {camera}, {place} and {switch}.

    `what` is a fault, or a light.
    """

    at_s: float
    role: str
    action: Action
    what: str
    zh: str
    en: str
    params: Mapping[str, float] = field(default_factory=dict)


STORY = (
    Beat(0, "", Action.SAY, "", "故事开始：全部摄像机正常。", "The story begins: every camera works."),
    Beat(
        12, "lead", Action.BREAK, "black", "{camera} 黑屏：{place} 失视。", "{camera} turns black: {place} goes dark."
    ),
    Beat(
        75,
        "lead",
        Action.REPAIR,
        "black",
        "{camera} 已修复：{place} 恢复覆盖。",
        "{camera} is repaired: {place} is seen again.",
    ),
    Beat(85, "second", Action.BREAK, "blur", "{camera} 镜头失焦。", "{camera} is out of focus.", {"radius_px": 18.0}),
    Beat(
        100,
        "third",
        Action.BREAK,
        "noise",
        "{camera} 图像传感器损坏：满屏噪点。",
        "The sensor of {camera} fails: nothing but noise.",
    ),
    Beat(
        120,
        "switch",
        Action.BREAK,
        "power_loss",
        "交换机 {switch} 断电：其下摄像机全部离线。",
        "Switch {switch} loses power: every camera behind it is gone.",
    ),
    Beat(170, "switch", Action.REPAIR, "power_loss", "交换机 {switch} 恢复供电。", "Switch {switch} has power again."),
    Beat(180, "fourth", Action.BREAK, "frozen", "{camera} 画面冻结。", "{camera} is frozen: its clock stands still."),
    Beat(190, "second", Action.REPAIR, "blur", "{camera} 已重新对焦。", "{camera} is focused again."),
    Beat(
        200,
        "",
        Action.LIGHT,
        "night",
        "光照切到夜间：只剩红外和照明。",
        "The light is switched to night: infrared and lamps are all there is.",
    ),
    Beat(
        205,
        "fifth",
        Action.BREAK,
        "covered",
        "{camera} 被篷布盖住。",
        "A tarpaulin covers {camera}.",
    ),
    Beat(
        210, "sixth", Action.BREAK, "no_packets", "{camera} 有信令无码流。", "{camera} answers PLAY and sends nothing."
    ),
    Beat(245, "third", Action.REPAIR, "noise", "{camera} 已更换传感器。", "{camera} has a new sensor."),
    Beat(255, "fourth", Action.REPAIR, "frozen", "{camera} 已重启。", "{camera} was restarted and moves again."),
    Beat(260, "fifth", Action.REPAIR, "covered", "{camera} 的篷布已移走。", "The tarpaulin before {camera} is gone."),
    Beat(265, "sixth", Action.REPAIR, "no_packets", "{camera} 码流恢复。", "{camera} sends pictures again."),
    Beat(275, "", Action.LIGHT, "auto", "光照恢复按时钟。", "The light follows the clock again."),
    Beat(LENGTH_S, "", Action.SAY, "", "故事结束：全部恢复正常。", "The end: everything works again."),
)
"""Every fault of it is repaired before it ends; none of them locks an account."""

_CAMERA_ROLES = ("lead", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, slots=True)
class Cue:
    """A beat with its role filled: what to do to what, and what to say."""

    at_s: float
    action: Action
    what: str
    scope: Scope | None
    target: str
    zh: str
    en: str
    params: Mapping[str, float]


def story_of(site: Site, alone: Sequence[tuple[str, str]] = ()) -> tuple[Cue, ...]:
    """The story of this site. Beats whose role nobody can play are left out.

    `alone`: pairs of key place and the one camera that covers it, most important first, for whoever has computed them;
    otherwise the lead is the camera that looks at a most important place which fewest cameras look at.
    """
    roles, words = cast(site, alone)
    return tuple(_cue(beat, roles, words) for beat in STORY if not beat.role or beat.role in roles)


def cast(site: Site, alone: Sequence[tuple[str, str]] = ()) -> tuple[dict[str, str], dict[str, str]]:
    """Who plays which role, and the words that captions need."""
    reachable = [camera.id for camera in site.cameras if camera.host and camera.pose is not None]
    place, lead = next(((place, camera) for place, camera in alone if camera in reachable), _lead(site, reachable))
    order = ([lead] if lead else []) + [camera for camera in reachable if camera != lead]
    roles = dict(zip(_CAMERA_ROLES, order, strict=False))
    switches = Counter(camera.switch for camera in site.cameras if camera.host and camera.switch)
    own = site.camera(lead).switch if lead else None
    # Not the lead's own switch where there is another: its repair has just been shown.
    ranked = sorted(switches, key=lambda switch: (switch == own, -switches[switch], switch))
    if ranked and ranked[0] is not None:
        roles["switch"] = ranked[0]
    names = {key_place.id: key_place.name for key_place in site.scene.key_places}
    return roles, {"place": names.get(place, place), "switch": roles.get("switch", "")}


def _lead(site: Site, reachable: Sequence[str]) -> tuple[str, str]:
    """The most important key place that fewest cameras look at, and the nearest of these; ("", "") without any."""
    best, key = ("", ""), (inf, inf)
    cameras = [camera for camera in site.scene.cameras if camera.id in reachable]
    for place in site.scene.key_places:
        lookers = sorted((_distance(camera, place), camera.id) for camera in cameras if _looks_at(camera, place))
        if lookers and (place.priority, len(lookers)) < key:
            best, key = (place.id, lookers[0][1]), (place.priority, len(lookers))
    return best if best[1] else ("", reachable[0] if reachable else "")


def _looks_at(camera: Camera, place: KeyPlace) -> bool:
    """Whether the middle of a place lies in the picture, near enough for its level (nothing asked about walls)."""
    middle = place.geometry.representative_point()
    _, _, inside = project(camera.pose, camera.lens, np.array([[middle.x, middle.y, place.target.z0_m]]))
    width_m = 2 * _distance(camera, place) * np.tan(np.radians(min(camera.lens.hfov_deg, 170.0) / 2))
    return bool(inside[0]) and camera.lens.width_px >= place.level_px_per_m * width_m


def _distance(camera: Camera, place: KeyPlace) -> float:
    middle = place.geometry.representative_point()
    return float(np.hypot(middle.x - camera.pose.x, middle.y - camera.pose.y))


def _cue(beat: Beat, roles: Mapping[str, str], words: Mapping[str, str]) -> Cue:
    target = roles.get(beat.role, "")
    scope = None if not beat.role else Scope.SWITCH if beat.role == "switch" else Scope.CAMERA
    spoken = {**words, "camera": target}
    return Cue(
        beat.at_s,
        beat.action,
        beat.what,
        scope,
        target,
        beat.zh.format(**spoken),
        beat.en.format(**spoken),
        beat.params,
    )


async def play(fleet: Fleet, cues: Sequence[Cue], say: Callable[[Cue], None], speed: float = 1.0) -> None:
    """Play a story on a fleet, `speed` times as fast as written. UnknownName where the cast is not of this fleet."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for cue in cues:
        await asyncio.sleep(max(0.0, start + cue.at_s / speed - loop.time()))
        await _act(fleet, cue)
        say(cue)


async def _act(fleet: Fleet, cue: Cue) -> None:
    if cue.action is Action.LIGHT:
        fleet.set_light(Light(cue.what))
    elif cue.scope is not None and cue.action is Action.BREAK:
        await fleet.put_fault(cue.scope, cue.target, cue.what, cue.params)
    elif cue.scope is not None and cue.action is Action.REPAIR:
        await fleet.clear_fault(cue.scope, cue.target, cue.what)
