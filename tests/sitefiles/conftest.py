"""A small site on disk, with or without a mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_site import FILES

MakeSite = Callable[..., Path]


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    """Writes the small site; a keyword, the stem of a file, replaces its content or, with None, leaves it out.

    It has masks only where they are given."""

    def make(**replaced: bytes | str | None) -> Path:
        folder = tmp_path / "small"
        folder.mkdir(exist_ok=True)
        for name, content in {**FILES, "masks.csv": None}.items():
            given = replaced.get(name.split(".")[0], content)
            if given is None:
                (folder / name).unlink(missing_ok=True)
            else:
                (folder / name).write_bytes(given if isinstance(given, bytes) else given.encode())
        return folder

    return make
