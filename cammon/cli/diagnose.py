"""`cammon diagnose`: the picture checks over frames on disk."""

import json
import os
import tempfile
from pathlib import Path

import click

from cammon.diagnosis.batch import diagnosed
from cammon.diagnosis.manifest import Manifest, read_manifest

from .options import language_option
from .progress import progress_bar

MOST_WORKERS = 2
"""More are for whoever asks for them: the machine that judges a batch may be the one that watches a mine."""


@click.command()
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
@language_option
def diagnose(manifest: Path | None, masks: Path | None, workers: int | None, language: str) -> None:
    """Judge pictures: one JSON object a line for each frame of a manifest."""
    if manifest is None:
        raise click.UsageError("name a batch of frames with --manifest")
    _batch(read_manifest(manifest), masks, workers or min(MOST_WORKERS, os.cpu_count() or 1), language)


def _batch(manifest: Manifest, masks: Path | None, workers: int, language: str) -> None:
    folder = masks or Path(tempfile.mkdtemp(prefix="cammon-masks-"))
    with progress_bar("diagnose") as show:
        for done, answer in enumerate(diagnosed(manifest, folder, language, workers), start=1):
            click.echo(json.dumps(answer, ensure_ascii=False))
            show(done, len(manifest.tests))
    if any(folder.glob("*.png")):
        click.echo(f"masks: {folder}", err=True)
    elif masks is None:
        folder.rmdir()
