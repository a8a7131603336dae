"""A store on disk, as the service opens it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cammon.store.opening import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty, migrated store."""
    with open_store(tmp_path / "cammon.sqlite") as opened:
        yield opened
