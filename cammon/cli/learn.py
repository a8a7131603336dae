"""`cammon learn`: good pictures from elsewhere, a recorder for example, for a camera that has no history yet."""

from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.diagnosis.goodfolder import read_good_folder
from cammon.diagnosis.learning import keep, known_before, lines_on
from cammon.diagnosis.learning import learn as learnt_from
from cammon.process import ready_for_pictures
from cammon.store.opening import open_store

from .diagnose import tell_asides
from .options import language_option, site_argument, store_option
from .progress import progress_bar
from .sites import load_site, store_path


@click.command()
@site_argument
@click.argument("folder", type=click.Path(path_type=Path))
@store_option
@language_option
def learn(site: Path, folder: Path, store: Path | None, language: str) -> None:
    """Take the good pictures in FOLDER for what the cameras of SITE should look like.

    FOLDER has a folder for each camera, called by its id; each picture has its time in its name
    (CAM01/2026-05-01T12-30.jpg). What was known of these cameras before is forgotten.
    """
    found = load_site(site, language)
    cameras = frozenset(camera.id for camera in found.cameras)
    good = read_good_folder(folder, cameras, found.time_zone)
    tell_asides(good.asides)
    ready_for_pictures()
    with open_store(store_path(site, store), writer=False) as opened, progress_bar("learn") as show:
        some = False
        for number, (camera, pictures) in enumerate(good.pictures.items(), start=1):
            learnt = learnt_from(found, camera, pictures, language, *known_before(found, opened, camera))
            tell_asides(learnt.asides)
            if learnt.reference.sketches:
                keep(found, opened, learnt, SystemClock())
                some = True
            click.echo("\n".join(lines_on(learnt, language)))
            show(number, len(good.pictures))
    if not some:
        raise click.exceptions.Exit(1)
