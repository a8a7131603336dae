"""A reference as bytes, for whoever stores it. A version that this one cannot read is no reference, and no error."""

import json
import zipfile
from io import BytesIO
from typing import Any, get_type_hints

import numpy as np
from pydantic import TypeAdapter

from .reference import Calm, Reference, Sketch

FORMAT = 10
"""Goes up whenever a sketch changes what it holds: older ones are then left out and learnt anew."""

_HINTS = get_type_hints(Sketch)
_ARRAYS = ("orientation_grid", "layout", "thumb", "spectrum", "fine", "fits")
_NUMBERS = {name: TypeAdapter(hint) for name, hint in _HINTS.items() if name not in _ARRAYS}

_CALM: TypeAdapter[dict[bool, Calm]] = TypeAdapter(dict[bool, Calm])


def as_bytes(known: Reference) -> bytes:
    """The good frames of a reference (not the frame before)."""
    about: dict[str, object] = {"format": FORMAT, "calm": _CALM.dump_python(dict(known.calm), mode="json")}
    about["sketches"] = [
        {name: one.dump_python(getattr(sketch, name), mode="json") for name, one in _NUMBERS.items()}
        for sketch in known.sketches
    ]
    arrays = {f"{name}{row}": getattr(one, name) for row, one in enumerate(known.sketches) for name in _ARRAYS}
    file = BytesIO()
    np.savez(file, allow_pickle=False, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
    return file.getvalue()


def from_bytes(body: bytes) -> Reference | None:
    """The reference that `as_bytes` wrote; None when the bytes are of another version or damaged."""
    try:
        with np.load(BytesIO(body), allow_pickle=False) as held:
            about = json.loads(held["about"].tobytes())
            if about["format"] != FORMAT:
                return None
            return Reference(
                tuple(
                    _sketch(numbers, {name: held[f"{name}{row}"] for name in _ARRAYS})
                    for row, numbers in enumerate(about["sketches"])
                ),
                calm=_CALM.validate_python(about["calm"]),
            )
    except (KeyError, ValueError, TypeError, IndexError, OSError, EOFError, zipfile.BadZipFile):
        return None


def _sketch(numbers: dict[str, object], arrays: dict[str, Any]) -> Sketch:
    read: dict[str, Any] = {name: one.validate_python(numbers[name]) for name, one in _NUMBERS.items()}
    return Sketch(**read, **arrays)
