"""The references of the cameras: a few good pictures of each in numbers."""

import json
import zipfile
from datetime import datetime
from io import BytesIO
from typing import Any, get_type_hints

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import reference
from cammon_probes.picture.reference import Reference, Sketch

_HINTS = get_type_hints(Sketch)
_ARRAYS = ("orientation_grid", "layout")
_NUMBERS = {name: TypeAdapter(hint) for name, hint in _HINTS.items() if name not in _ARRAYS}


def load(connection: Connection, site: str) -> dict[str, Reference]:
    """The references by camera; one that another version wrote and this one cannot read is left out."""
    rows = connection.execute(select(reference.c.camera, reference.c.sketches).where(reference.c.site == site))
    found = {camera: _unpacked(body) for camera, body in rows}
    return {camera: one for camera, one in found.items() if one is not None}


def save(connection: Connection, site: str, camera: str, known: Reference, at: datetime) -> None:
    """Write a camera's reference in place of the one before."""
    values = {"sketches": _packed(known), "at": at}
    statement = insert(reference).values(site=site, camera=camera, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=values))


def _packed(known: Reference) -> bytes:
    numbers = [
        {name: one.dump_python(getattr(sketch, name), mode="json") for name, one in _NUMBERS.items()}
        for sketch in known.sketches
    ]
    file = BytesIO()
    arrays = {name: np.array([getattr(sketch, name) for sketch in known.sketches]) for name in _ARRAYS}
    np.savez(file, allow_pickle=False, numbers=np.frombuffer(json.dumps(numbers).encode(), np.uint8), **arrays)
    return file.getvalue()


def _unpacked(body: bytes) -> Reference | None:
    try:
        with np.load(BytesIO(body), allow_pickle=False) as held:
            numbers = json.loads(held["numbers"].tobytes())
            arrays = {name: held[name] for name in _ARRAYS}
        return Reference(
            tuple(_sketch(one, {name: arrays[name][row] for name in _ARRAYS}) for row, one in enumerate(numbers))
        )
    except (KeyError, ValueError, TypeError, IndexError, OSError, EOFError, zipfile.BadZipFile):
        return None


def _sketch(numbers: dict[str, object], arrays: dict[str, Any]) -> Sketch:
    read: dict[str, Any] = {name: one.validate_python(numbers[name]) for name, one in _NUMBERS.items()}
    return Sketch(**read, **arrays)
