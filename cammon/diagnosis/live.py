"""One camera judged now, with all that is known of it: for a person who asks."""

import getpass
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from cammon.clock import Clock
from cammon.daylight import sun_deg
from cammon.resolution import main_widths, of_main_stream
from cammon.service.views import views_of
from cammon.sitefiles.model import LedgerCamera, Site
from cammon.store import accounts, incidents, pictures, references
from cammon.store.opening import open_store
from cammon.turned import aims, turn_after
from cammon_probes.model import Fault, Frame, Reading
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Judgement
from cammon_probes.picture.reference import Reference, light_of
from cammon_probes.picture.registry import configured, judge
from cammon_probes.picture.view import PLAIN, View
from cammon_web import words
from cammon_web.findingwords import ARROW, OUTLINED, finding_words, note_sentence
from cammon_web.language import say

from .sheet import Panel, Sheet

Words = dict[str, str]
NOW: Words = {"en": "now", "zh": "当前画面"}
COMPARED: Words = {"en": "the good picture it is compared with,", "zh": "用于对比的正常画面"}
AS_BEFORE: Words = {
    "en": "It is the same as the picture of the look before, which is not shown here.",
    "zh": "与上一次巡检的画面相同（上一次的画面此处未显示）。",
}
NOTHING: Words = {
    "en": "all is well in this picture; whether it stands still takes two looks",
    "zh": "画面一切正常；画面是否冻结需两次巡检才能判断",
}
OPEN: Words = {
    "en": "cammon has found before, since {since}: {fault}",
    "zh": "cammon 此前已判定，始于 {since}：{fault}",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a camera: its good pictures in numbers, one to look at (with its time), and the faults
    that are open (since when)."""

    reference: Reference | None = None
    good: Frame | None = None
    good_at: str = ""
    open: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A camera's picture, when it was taken (site's time), and what the checks say of it."""

    camera: LedgerCamera
    frame: Frame
    view: View
    judgement: Judgement
    known: Known
    at: str


def judged_live(site: Site, camera: LedgerCamera, reading: Reading, database: Path) -> Live | None:
    """The picture of a reading, judged as the service would; None when the reading has none."""
    frame = reading.frame
    if frame is None:
        return None
    local = reading.at.astimezone(site.time_zone)
    known_of_it = views_of(site).get(camera.id, PLAIN)
    view = replace(known_of_it, sun_deg=sun_deg(site.daylight, reading.at), hour=local.hour + local.minute / 60)
    prepared = prepare(frame, view)
    known = _known(site, camera.id, database, light_of(prepared).value)
    judgement = judge(prepared, known.reference, configured(site.thresholds.checks), view)
    findings = of_main_stream(judgement.findings, prepared.width_px, main_widths(site)[camera.id])
    return Live(camera, frame, view, replace(judgement, findings=findings), known, _local(site, reading.at))


def _local(site: Site, at: datetime) -> str:
    return at.astimezone(site.time_zone).strftime("%Y-%m-%d %H:%M")


def _known(site: Site, camera: str, database: Path, light: str) -> Known:
    """The camera's reference, and its good picture in this light, else in another."""
    if not database.exists():
        return Known()
    with open_store(database, writer=False) as store, store.reading() as connection:
        reference = references.one(connection, site.id, camera)
        shown = pictures.good(connection, site.id, camera)
        found = [one for one in incidents.of_camera(connection, site.id, camera) if one.closed_at is None]
    known = Known(reference, open=tuple((one.fault, _local(site, one.since)) for one in found))
    best = shown.get(light) or next(iter(shown.values()), None)
    if best is None:
        return known
    frame = cv2.imdecode(np.frombuffer(best.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return replace(known, good=np.asarray(frame, dtype=np.uint8), good_at=_local(site, best.at))


def accept(site: Site, live: Live, database: Path, clock: Clock) -> None:
    """The camera should look from now on as it does now; a running service takes it over. UserError without store."""
    at = clock.now()
    local = at.astimezone(site.time_zone)
    renewed = Reference().renewed([prepare(live.frame, live.view)], local.hour + local.minute / 60, live.view)
    by = f"{person()} (command line)"[:64]
    with open_store(database, writer=False) as store, store.engine.begin() as connection:
        camera, findings, notes = live.camera.id, live.judgement.findings, live.judgement.notes
        turn = turn_after(references.turned(connection, site.id).get(camera), aims(site).get(camera), findings, notes)
        references.accept(connection, site.id, camera, renewed, at, by, turn)
        pictures.forget_good(connection, site.id, camera)
        accounts.note(connection, at, by, f"accept view of {camera}")


def person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def lines_of(live: Live, language: str) -> list[str]:
    """What is wrong, in words with numbers; what a reader has to know, also of faults that one picture alone does not
    show; what to do first."""
    bad = [finding for finding in live.judgement.findings if finding.bad]
    told = [finding_words(finding, language) for finding in bad] or [NOTHING[language]]
    told += [note_sentence(note, language) for note in live.judgement.notes]
    seen = {finding.fault.value for finding in bad}
    told += [
        OPEN[language].format(since=since, fault=words.fault_name(fault, language))
        for fault, since in live.known.open
        if fault not in seen
    ]
    verdict = live.judgement.verdict
    return told if verdict is None else [*told, words.advice(verdict, language)]


def sheet_of(live: Live, language: str) -> Sheet:
    """The picture beside the good one, with what the marks on it mean."""
    by_fault = {finding.fault: finding for finding in live.judgement.findings if finding.bad}
    hidden = by_fault[Fault.PARTIAL].hidden if Fault.PARTIAL in by_fault else None
    moved = by_fault[Fault.MOVED].moved if Fault.MOVED in by_fault else None
    marks = [say(OUTLINED, language)] if hidden is not None else []
    marks += [say(ARROW, language)] if moved is not None else []
    marks += [AS_BEFORE[language]] if Fault.FROZEN in by_fault else []
    name = live.camera.id if language == "en" else live.camera.name or live.camera.id
    good = live.known.good
    return Sheet(
        Panel(live.frame, f"{name}: {NOW[language]} {live.at}"),
        None if good is None else Panel(good, f"{COMPARED[language]} {live.known.good_at}"),
        [*lines_of(live, language), *marks],
        hidden=hidden,
        moved=moved,
        hfov_deg=live.view.hfov_deg,
    )
