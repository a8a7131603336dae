"""`cammon calibrate`: a camera's pose from clicks on its picture."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import cv2

from cammon.calibration.ledgerfile import with_cells, write_bytes_whole
from cammon.calibration.overlay import drawn
from cammon.calibration.pairs import read_pairs
from cammon.calibration.picture import Image, picture_from_file, picture_of
from cammon.calibration.relief import Relief
from cammon.calibration.words import NAMES, refusal, told, value_of
from cammon.problem import UserError
from cammon.sitefiles.cells import resolution
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.model import Site
from cammon_coverage.calibration import Calibration, Click, ClickDeviations, PriorDeviations, Refusal
from cammon_coverage.calibration_solve import calibrate as solve
from cammon_coverage.model import Camera

from .options import language_option, site_argument, store_option
from .sites import load_site, store_path

PATH = click.Path(path_type=Path, dir_okay=False)
POSITIVE = click.FloatRange(0, 1000, min_open=True)
NOT_NEGATIVE = click.FloatRange(0, 1000)


@click.command()
@site_argument
@click.argument("camera")
@click.option("--pairs", required=True, type=PATH, help="CSV with the columns u,v (pixels), x,y (map), z (height, m).")
@click.option("--image", type=PATH, help="The JPEG or PNG that was clicked. [default: the camera's newest picture]")
@click.option("--size", metavar="WxH", help="Size of the picture that u,v belong to. [default: --image's, else ledger]")
@click.option(
    "--picture", type=PATH, help="Draw the map over the picture: dashed as in the ledger, full as calibrated."
)
@click.option("--accept", is_flag=True, help="Write the calibrated aim into cameras.csv.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/calibration.md).")
@click.option("--click-sd", default=4.0, show_default=True, type=POSITIVE, help="Deviation of a click, pixels.")
@click.option("--map-sd", default=1.0, show_default=True, type=NOT_NEGATIVE, help="Deviation of the map, metres.")
@click.option("--height-sd", default=0.5, show_default=True, type=NOT_NEGATIVE, help="Deviation of heights, metres.")
@click.option("--position-sd", default=0.5, show_default=True, type=NOT_NEGATIVE, help="Deviation of the lens, metres.")
@store_option
@language_option
def calibrate(
    site: Path,
    camera: str,
    pairs: Path,
    image: Path | None,
    size: str | None,
    picture: Path | None,
    accept: bool,
    as_json: bool,
    click_sd: float,
    map_sd: float,
    height_sd: float,
    position_sd: float,
    store: Path | None,
    language: str,
) -> None:
    """Solve azimuth, tilt, roll and angle of view of the camera CAMERA of SITE from clicks.

    Four clicks or more, better six, on corners that both the picture and the map show. A wrong click is named.
    """
    found = load_site(site, language)
    before = _camera(found, camera)
    given = None if image is None else picture_from_file(image)
    clicks = read_pairs(pairs, found.frame, before.lens, _size(size, given, before), (before.pose.x, before.pose.y))
    noise = ClickDeviations(click_sd, map_sd, height_sd)
    relief = Relief.of(found)
    ledger = before if relief is None else relief.camera(before)
    solved = clicks if relief is None else relief.clicks(clicks, pairs.name)
    answer = solve(solved, ledger.pose, ledger.lens, PriorDeviations(position_m=position_sd), noise)
    if isinstance(answer, Refusal):
        raise UserError(f"{pairs.name}: {refusal(answer, language)}")
    after = solved_camera(before, answer)
    if picture is not None:
        shown = given if given is not None else picture_of(found, found.camera(camera), store_path(site, store))
        if shown is None:
            click.echo(NO_PICTURE[language], err=True)
        scene = found.scene if relief is None else relief.scene
        _write_picture(picture, drawn(shown, scene, ledger, solved_camera(ledger, answer), solved, answer, relief))
    click.echo(
        json.dumps(as_object(before, after, clicks, answer), ensure_ascii=False)
        if as_json
        else told(before, after, clicks, answer, language)
    )
    if accept:
        _accept(site, before, after, answer)
        click.echo(ACCEPTED[language], err=True)


NO_PICTURE = {
    "en": "no picture of this camera; drawn on grey. Give one with --image",
    "zh": "没有这台摄像机的图像，已画在灰底上；可用 --image 指定",
}
ACCEPTED = {"en": "written into cameras.csv", "zh": "已写入 cameras.csv"}


def solved_camera(before: Camera, answer: Calibration) -> Camera:
    """The camera with the calibrated aim and lens, where the ledger says that it hangs."""
    pose = replace(answer.pose, x=before.pose.x, y=before.pose.y, height_m=before.pose.height_m)
    return replace(before, pose=pose, lens=answer.lens)


def _camera(site: Site, name: str) -> Camera:
    for camera in site.scene.cameras:
        if camera.id == name:
            return camera
    if any(camera.id == name for camera in site.cameras):
        raise UserError(
            f"cameras.csv: {name} has no whole pose to start from; fill in x, y, lens_height_m, azimuth_deg, tilt_deg, "
            "hfov_deg and resolution roughly"
        )
    known = ", ".join(camera.id for camera in site.scene.cameras[:30])
    raise UserError(f"no camera {name!r}; the site has with a pose: {known}")


def _size(text: str | None, given: Image | None, camera: Camera) -> tuple[int, int]:
    if text is not None:
        try:
            return resolution(text)
        except Wrong:
            raise UserError(f"--size {text}: give width x height in pixels, for example 1920x1080") from None
    if given is not None:
        return given.shape[1], given.shape[0]
    return camera.lens.width_px, camera.lens.height_px


def _write_picture(path: Path, image: Image) -> None:
    good, content = cv2.imencode(".jpg" if path.suffix.lower() in {".jpg", ".jpeg"} else ".png", image)
    try:
        path.write_bytes(content.tobytes() if good else b"")
    except OSError as error:
        raise UserError(f"{path}: cannot write there ({error.strerror}); name another file") from error


def as_object(before: Camera, after: Camera, clicks: Sequence[Click], answer: Calibration) -> dict[str, Any]:
    """The stable JSON shape (docs/calibration.md)."""
    return {
        "camera": before.id,
        "ledger": {name: round(value_of(before, name), 4) for name in NAMES},
        "calibrated": {name: round(value_of(after, name), 4) for name in NAMES},
        "deviations": {name: round(answer.deviation(name), 4) for name in NAMES},
        "intervals_95": {name: [round(end, 4) for end in answer.intervals[name]] for name in NAMES},
        "prior_off": answer.prior_off,
        "chi_square": round(answer.chi_square, 3),
        "degrees_of_freedom": answer.degrees_of_freedom,
        "doubtful": [number + 1 for number in answer.doubtful],
        "clicks": [
            {
                "number": number,
                "label": one.label,
                "residual_px": None if result.residual_px is None else [round(off, 2) for off in result.residual_px],
                "expected_px": round(result.expected_px, 2),
                "doubt": result.doubt,
                "doubtful": result.doubtful,
            }
            for number, (one, result) in enumerate(zip(clicks, answer.clicks, strict=True), 1)
        ],
    }


def ledger_cells(before: Camera, after: Camera, answer: Calibration) -> dict[str, str]:
    """What the ledger is to say: column -> text."""
    cells = {name: f"{value_of(after, name):.2f}" for name in NAMES}
    cells["azimuth_deg"] = f"{float(cells['azimuth_deg']) % 360.0:.2f}"
    if before.lens.vfov_deg is not None and after.lens.vfov_deg is not None:
        cells["vfov_deg"] = f"{after.lens.vfov_deg:.2f}"
    return cells | {
        "pose_grade": "calibrated",
        "azimuth_sd_deg": f"{min(answer.deviation('azimuth_deg'), 180.0):.2f}",
        "tilt_sd_deg": f"{min(answer.deviation('tilt_deg'), 90.0):.2f}",
        "hfov_sd_pct": f"{min(100 * answer.deviation('hfov_deg') / after.lens.hfov_deg, 100.0):.1f}",
    }


def _accept(folder: Path, before: Camera, after: Camera, answer: Calibration) -> None:
    cells = ledger_cells(before, after, answer)
    ledger = folder / "cameras.csv"
    if not ledger.exists():
        typed = ", ".join(f"{column} {value}" for column, value in cells.items())
        raise UserError(f"cameras.xlsx is not written by cammon; type into the row of {before.id}: {typed}")
    try:
        write_bytes_whole(ledger, with_cells(ledger.read_bytes(), before.id, cells))
    except OSError as error:
        raise UserError(f"{ledger}: cannot write there ({error.strerror})") from error
