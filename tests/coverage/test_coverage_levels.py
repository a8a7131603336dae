"""Both class tables, and what is no level."""

import pytest

from cammon_coverage.levels import level_px_per_m

TABLES = {
    "monitor": 12.5,
    "detect": 25,
    "observe": 62.5,
    "recognise": 125,
    "identify": 250,
    "inspect": 1000,
    "overview": 20,
    "outline": 40,
    "discern": 80,
    "perceive": 125,
    "characterise": 250,
    "validate": 500,
    "scrutinise": 1500,
}


@pytest.mark.parametrize(("name", "density"), TABLES.items(), ids=TABLES)
def test_class_names(name, density):
    assert level_px_per_m(name) == density
    assert level_px_per_m(f" {name.upper()} ") == density


@pytest.mark.parametrize("value", [62.5, "62.5", 1, "1e2"], ids=repr)
def test_numbers(value):
    assert level_px_per_m(value) == float(value)


@pytest.mark.parametrize("value", ["4K", "", "-5", 0, "nan", "inf", True, None], ids=repr)
def test_what_is_no_level_is_refused_with_the_names(value):
    with pytest.raises(ValueError, match=r"monitor.*scrutinise"):
        level_px_per_m(value)
