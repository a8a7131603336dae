"""What a camera should look like, learnt from good pictures that a person hands over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cammon.clock import Clock
from cammon.daylight import sun_deg
from cammon.service.looks import as_jpeg
from cammon.service.views import views_of
from cammon.sitefiles.model import Site
from cammon.store import accounts, pictures, references
from cammon.store.opening import Store
from cammon_probes.model import Frame
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.reference import (
    SEASONED_HOURS,
    SEASONED_HOURS_OF_INFRARED,
    Reference,
    light_of,
    seasoned,
)
from cammon_probes.picture.registry import configured, judge
from cammon_probes.picture.view import PLAIN
from cammon_web.findingwords import finding_words

from .goodfolder import GoodPicture
from .live import person
from .manifest import shown
from .picturefile import Unreadable, read_picture, size_of

Size = tuple[int, int]
NOTHING_KNOWN = Reference()
Words = dict[str, str]
LEFT_OUT: Words = {"en": "{camera}: {file} is left out: {why}", "zh": "{camera}：不采用 {file}：{why}"}
OTHER_SIZE: Words = {
    "en": "it is {size}, and the camera is looked at in {seen}; export pictures of the stream that is looked at",
    "zh": "画面为 {size}，而巡检所用码流为 {seen}；请从巡检所用的码流导出画面",
}
BREAKS_OFF: Words = {"en": "it breaks off before its end", "zh": "文件不完整"}
LEARNT: Words = {
    "en": "{camera}: {count} good pictures, {colour} in colour and {infrared} by infrared",
    "zh": "{camera}：已学习 {count} 张正常画面，其中彩色 {colour} 张，红外 {infrared} 张",
}
TOO_FEW_HOURS: Words = {
    "en": "{camera}: hidden parts are judged in colour once there are good pictures of {hours} different hours",
    "zh": "{camera}：有 {hours} 个不同钟点的彩色正常画面之后，才判断彩色画面的部分遮挡",
}
TOO_FEW_HOURS_OF_INFRARED: Words = {
    "en": "{camera}: hidden parts are judged by infrared once there are good pictures of {hours} different hours",
    "zh": "{camera}：有 {hours} 个不同钟点的红外正常画面之后，才判断红外画面的部分遮挡",
}
NOTHING: Words = {
    "en": "{camera}: no good picture is left; what was known of it stays",
    "zh": "{camera}：没有可用的正常画面；原来所学的保持不变",
}


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the good pictures of a camera say together; by light, one to look at and its time; what was left out."""

    camera: str
    reference: Reference
    to_show: Mapping[str, tuple[datetime, Frame]]
    asides: tuple[str, ...] = ()


def known_before(site: Site, store: Store, camera: str) -> tuple[Reference, Size | None]:
    """What stays known of a camera (how little it changes when all is well), and the width and height of its newest
    picture; None before it was looked at."""
    with store.reading() as connection:
        reference = references.one(connection, site.id, camera) or Reference()
        newest = pictures.newest_ids(connection, site.id).get(camera)
        found = None if newest is None else pictures.get(connection, site.id, newest[0])
    reference = replace(reference, sketches=())
    if found is None:
        return reference, None
    return reference, size_of(found.jpeg)


def learn(
    site: Site,
    camera: str,
    good: Sequence[GoodPicture],
    language: str,
    reference: Reference = NOTHING_KNOWN,
    seen: Size | None = None,
) -> Learnt:
    """Takes in each picture in which nothing is wrong, held against those of its light before it.

    `seen`: the size in which the camera is looked at, where that is known; else the first picture's.
    """
    to_show: dict[str, tuple[datetime, Frame]] = {}
    asides: list[str] = []
    checks = configured(site.thresholds.checks)
    for one in good:
        try:
            frame = _readable(one, seen, language)
        except ValueError as error:
            asides.append(_left_out(camera, one, str(error), language))
            continue
        seen = seen or (frame.shape[1], frame.shape[0])
        hour = one.at.hour + one.at.minute / 60
        view = replace(views_of(site).get(camera, PLAIN), sun_deg=sun_deg(site.daylight, one.at), hour=hour)
        prepared = prepare(frame, view)
        light = light_of(prepared)
        # By lamplight a camera is darker than it ever is by day: each light is held against its own.
        alike = replace(reference, sketches=tuple(known for known in reference.sketches if known.light is light))
        bad = [finding for finding in judge(prepared, alike, checks, view).findings if finding.bad]
        if bad:
            asides.append(_left_out(camera, one, finding_words(bad[0], language), language))
            continue
        reference = reference.with_good(prepared, hour, view)
        to_show[light.value] = (one.at, frame)
    return Learnt(camera, reference, to_show, tuple(asides))


def _readable(one: GoodPicture, seen: Size | None, language: str) -> Frame:
    """The picture in a file. ValueError when it cannot be used."""
    picture = read_picture(one.path)
    if not picture.whole:
        raise Unreadable(BREAKS_OFF[language])
    height, width = picture.frame.shape[:2]
    if seen is not None and (width, height) != seen:
        raise Unreadable(OTHER_SIZE[language].format(size=_size(width, height), seen=_size(*seen)))
    return picture.frame


def _size(width_px: int, height_px: int) -> str:
    return f"{width_px} x {height_px}"


def _left_out(camera: str, one: GoodPicture, why: str, language: str) -> str:
    return LEFT_OUT[language].format(camera=camera, file=shown(one.path.name), why=why)


def keep(site: Site, store: Store, learnt: Learnt, clock: Clock) -> None:
    """What was known of the camera is forgotten; a running service takes over what was learnt."""
    at, by = clock.now(), f"{person()} (command line)"[:64]
    with store.engine.begin() as connection:
        turned = references.turned(connection, site.id).get(learnt.camera)  # good pictures do not correct the ledger
        references.accept(connection, site.id, learnt.camera, learnt.reference, at, by, turned)
        pictures.forget_good(connection, site.id, learnt.camera)
        for light, (taken_at, frame) in learnt.to_show.items():
            pictures.keep_good(connection, site.id, learnt.camera, light, taken_at, as_jpeg(frame))
        accounts.note(connection, at, by, f"learn view of {learnt.camera}")


def lines_on(learnt: Learnt, language: str) -> list[str]:
    """What was learnt of a camera, and what its pictures are too few for."""
    known = learnt.reference.sketches
    if not known:
        return [NOTHING[language].format(camera=learnt.camera)]
    infrared = tuple(one for one in known if one.infrared)
    colour = tuple(one for one in known if not one.infrared)
    counts = {"count": len(known), "colour": len(colour), "infrared": len(infrared)}
    told = [LEARNT[language].format(camera=learnt.camera, **counts)]
    for some, words, hours in (
        (colour, TOO_FEW_HOURS, SEASONED_HOURS),
        (infrared, TOO_FEW_HOURS_OF_INFRARED, SEASONED_HOURS_OF_INFRARED),
    ):
        if some and not seasoned(some):
            told.append(words[language].format(camera=learnt.camera, hours=hours))
    return told
