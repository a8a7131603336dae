"""The two documents name every column, alias, key, property and limit that the reader knows."""

from pathlib import Path

import pytest

from cammon.sitefiles import limits, lists, masks
from cammon.sitefiles.ledger_columns import ALIASES, READERS
from cammon.sitefiles.settings import Settings
from cammon.sitefiles.sitemap import KINDS, PROPERTIES
from cammon_coverage.levels import LEVELS

DOCUMENTS = ("site-files.md", "site-files.zh.md")
DESCRIBED_TOGETHER = {"tiers", "faults", "day", "probing", "lifecycle", "cost", "thresholds", "credentials", "contacts"}


def keys_of(model) -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        keys.add(name)
        if isinstance(field.annotation, type) and hasattr(field.annotation, "model_fields"):
            keys |= keys_of(field.annotation)
    return keys


@pytest.fixture(params=DOCUMENTS)
def document(request, repository: Path) -> str:
    return (repository / "docs" / request.param).read_text(encoding="utf-8")


def test_columns_and_their_aliases(document: str):
    section = document.split("## cameras.csv")[1].split("\n## ")[0]
    lines = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    rows = {column.strip(" `"): set(aliases.strip().split("、")) for _, column, aliases, *_ in lines}
    assert rows == {column: set(ALIASES.get(column, ("",))) for column in READERS}


def test_other_tables(document: str):
    for schema in (lists.DECLARED, lists.PRESETS, lists.CATALOG, masks.SCHEMA):
        assert [column for column in schema.columns if f"`{column}`" not in document] == []


def test_aliases_of_masks(document: str):
    section = document.split("\n## masks.csv")[1].split("\n## ")[0]
    lines = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    rows = {column.strip(" `"): set(aliases.strip().split("、")) for _, column, aliases, *_ in lines}
    assert rows == {column: set(aliases) for column, aliases in masks.SCHEMA.columns.items()}


def test_settings(document: str):
    keys = keys_of(Settings)
    assert len(keys) > 40
    assert [key for key in sorted(keys - DESCRIBED_TOGETHER - {"coverage", "plan"}) if key not in document] == []
    assert [key for key in DESCRIBED_TOGETHER - {"faults", "tiers", "cost"} if f"[{key}" not in document] == []


def test_map(document: str):
    named = {*KINDS, *(name for properties in PROPERTIES.values() for name in properties), *LEVELS}
    assert [name for name in sorted(named) if name not in document] == []


def test_limits(document: str):
    sizes = {limit // limits.MEGABYTE for limit in limits.MAX_BYTES.values()}
    assert [size for size in sizes if f"{size} MB" not in document] == []
    for figure in (limits.MAX_ROWS, limits.MAX_COLUMNS, limits.MAX_CELL_CHARACTERS, limits.MAX_FEATURES):
        assert f"{figure:,}" in document
