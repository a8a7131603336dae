"""`cammon diagnose`: the picture checks over frames on disk, or on one camera now."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.diagnosis.batch import Answer, diagnosed, told
from cammon.diagnosis.live import Live, accept, judged_live, lines_of, sheet_of
from cammon.diagnosis.manifest import Manifest, read_manifest
from cammon.diagnosis.sheet import as_png, as_svg
from cammon.problem import UserError
from cammon.sitefiles.model import Site
from cammon_probes.model import Fault, Reading
from cammon_probes.picture.judgement import Note
from cammon_web import words
from cammon_web.findingwords import LEDGER_POSE
from cammon_web.language import say

from .options import language_option, store_option
from .progress import progress_bar
from .sitelook import login_lines, looked_by_hand
from .sites import load_site, store_path

MOST_WORKERS = 2
"""More are for whoever asks for them: the machine that judges a batch may be the one that watches a mine."""
MOST_ASIDES = 10
SHEETS = (".svg", ".png")
ACCEPTED = {
    "en": "accepted: this is how {camera} should look from now on",
    "zh": "已确认：{camera} 今后的画面应当如此",
}


@click.command()
@click.argument("site", type=click.Path(path_type=Path), required=False)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Judge the frames that FILE lists (or manifest.json in the folder FILE).",
)
@click.option(
    "--masks",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the PNG masks of what is hidden. [default: a new one among the temporary files]",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that share a large batch. [default: 2 at most]")
@click.option("--camera", help="Look at this camera of SITE now and judge its picture.")
@click.option(
    "--picture",
    "sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the picture beside the good one that it was compared with: FILE.svg (with words in the language"
    " asked for) or FILE.png.",
)
@click.option("--accept", "accepts", is_flag=True, help="This is how the camera should look from now on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for the camera.")
@click.option("--once-more", is_flag=True, help="Send the login although it was refused lately.")
@store_option
@language_option
def diagnose(
    site: Path | None,
    manifest: Path | None,
    masks: Path | None,
    workers: int | None,
    camera: str | None,
    sheet: Path | None,
    accepts: bool,
    as_json: bool,
    once_more: bool,
    store: Path | None,
    language: str,
) -> None:
    """Judge pictures: one JSON object a line for each frame of a manifest, or the findings on a camera in words."""
    if manifest is not None and (camera is not None or site is not None):
        raise click.UsageError("give --manifest, or --camera and SITE, not both")
    if manifest is not None:
        _batch(read_manifest(manifest), masks, workers or min(MOST_WORKERS, os.cpu_count() or 1), language)
        return
    if camera is None or site is None:
        raise click.UsageError("name a batch of frames with --manifest, or a camera with --camera CAM SITE")
    if sheet is not None and sheet.suffix.lower() not in SHEETS:
        raise click.UsageError(f"--picture: the name has to end in {' or '.join(SHEETS)}")
    database = store_path(site, store)
    found = load_site(site, language)
    looked = looked_by_hand(found, site, camera, database, once_more)
    for line in login_lines(looked, language):
        click.echo(line, err=True)
    reading = looked.found.picture or looked.found.liveness
    live = None if reading is None else judged_live(found, found.camera(camera), reading, database)
    if live is None:
        _no_picture(camera, reading, as_json, language)
        raise click.exceptions.Exit(1 if accepts or sheet is not None else 0)
    _tell(live, as_json, language)
    if sheet is not None:
        _write(live, sheet, language)
    if accepts:
        _accept(found, live, database, language)


def _batch(manifest: Manifest, masks: Path | None, workers: int, language: str) -> None:
    folder = _folder_for(masks)
    tell_asides(manifest.asides)
    with progress_bar("diagnose") as show:
        for done, answer in enumerate(diagnosed(manifest, folder, language, workers), start=1):
            _print(answer)
            show(done, len(manifest.tests))
    if any(folder.glob("*.png")):
        click.echo(f"masks: {folder}", err=True)
    elif masks is None:
        folder.rmdir()


def tell_asides(asides: Sequence[str]) -> None:
    """What was left out of account: nothing that stops a batch. A manifest may be wrong a thousand times in one way."""
    for line in asides[:MOST_ASIDES]:
        click.echo(line, err=True)
    if len(asides) > MOST_ASIDES:
        click.echo(f"... and {len(asides) - MOST_ASIDES} more like it", err=True)


def _folder_for(masks: Path | None) -> Path:
    """Where masks go. UserError when nothing can be written there, before anything is judged."""
    if masks is None:
        return Path(tempfile.mkdtemp(prefix="cammon-masks-"))
    try:
        masks.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{masks}: cannot be made ({error.strerror}); name another folder with --masks") from None
    if not os.access(masks, os.W_OK | os.X_OK):
        raise UserError(f"{masks}: cannot be written to; name another folder with --masks")
    return masks


def _print(answer: Answer) -> None:
    """One line of JSON in UTF-8, whatever the terminal takes; half a surrogate pair goes out as JSON writes it."""
    click.echo(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def _no_picture(camera: str, reading: Reading | None, as_json: bool, language: str) -> None:
    """The camera sent none: what is wrong with it."""
    fault = None if reading is None else reading.fault
    name = "no_picture" if fault is None else fault.value
    if as_json:
        _print({"id": camera, "error": name})
        return
    nothing = {"en": "no picture came", "zh": "没有得到画面"}[language]
    click.echo(f"{camera}: {nothing if fault is None else words.fault_name(fault, language)}")
    if fault is not None:
        click.echo(words.advice(fault, language))


def _tell(live: Live, as_json: bool, language: str) -> None:
    if as_json:
        faults = [fault for fault, _ in live.known.open]
        answer = {"id": live.camera.id, **told(live.judgement, language), "open": faults}
        _print({key: value for key, value in answer.items() if value not in ([], None)})
        return
    click.echo("\n".join(f"{live.camera.id}: {line}" for line in lines_of(live, language)))


def _write(live: Live, path: Path, language: str) -> None:
    # No font for Chinese comes with cammon: the words of a PNG are English, those of an SVG the reader's.
    svg = path.suffix.lower() == ".svg"
    body = as_svg(sheet_of(live, language)).encode() if svg else as_png(sheet_of(live, "en"))
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); name another file") from None


def _accept(site: Site, live: Live, database: Path, language: str) -> None:
    accept(site, live, database, SystemClock())
    click.echo(ACCEPTED[language].format(camera=live.camera.id))
    turned = live.judgement.verdict is Fault.MOVED or Note.NOT_AT_HOME in live.judgement.notes
    if turned and live.camera.pose is not None:
        click.echo(say(LEDGER_POSE, language))
