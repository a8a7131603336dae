"""The picture that clicks belong to: given as a file, the newest in the store, or looked for now."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.byhand import look_by_hand
from cammon.clock import SystemClock
from cammon.credentials import logins_of
from cammon.problem import UserError
from cammon.service.looks import endpoint_of
from cammon.sitefiles.model import LedgerCamera, Site
from cammon.store import pictures
from cammon.store.opening import open_store

Image = NDArray[np.uint8]

MOST_BYTES = 50 * 1024 * 1024


def picture_from_file(path: Path) -> Image:
    """A JPEG or PNG. Raises UserError."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give a JPEG or PNG of the camera") from error
    picture = _decoded(content)
    if picture is None:
        raise UserError(f"{path}: not a JPEG or PNG that can be read; give a picture of the camera")
    return picture


def picture_of(site: Site, camera: LedgerCamera, store: Path) -> Image | None:
    """The camera's newest picture in the store, else one look at the camera; None where neither brings one."""
    return _stored(site, camera, store) if store.exists() else _looked(site, camera, store)


def _stored(site: Site, camera: LedgerCamera, store: Path) -> Image | None:
    with open_store(store, writer=False) as opened, opened.reading() as connection:
        newest = pictures.newest_ids(connection, site.id).get(camera.id)
        kept = None if newest is None else pictures.get(connection, site.id, newest[0])
    picture = None if kept is None else _decoded(kept.jpeg)
    return picture if picture is not None else _looked(site, camera, store)


def _looked(site: Site, camera: LedgerCamera, store: Path) -> Image | None:
    try:
        endpoint = endpoint_of(site, camera, logins_of(site, store))
    except ValueError:
        return None
    reading = look_by_hand(endpoint, SystemClock(), store, site.login_pause_s).found.picture
    return None if reading is None or reading.frame is None else np.ascontiguousarray(reading.frame)


def _decoded(content: bytes) -> Image | None:
    if not content:
        return None
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if found is None else found.astype(np.uint8, copy=False)
