"""Every problem has words in both languages, and every word belongs to a problem."""

import re
import string
from pathlib import Path

import pytest

import cammon.sitefiles
from cammon.sitefiles import Problem, Severity, read_site, report, sentence
from cammon.sitefiles.ledger_columns import READERS
from cammon.sitefiles.remedies import EXPECTED
from cammon.sitefiles.settings import Settings
from cammon.sitefiles.sitemap import REQUIRED
from cammon.sitefiles.sitetoml import CODES
from cammon.sitefiles.templates import TEMPLATES

SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(cammon.sitefiles.__file__).parent.glob("*.py")
    if path.name not in {"templates.py", "remedies.py", "words.py"}
)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_code_has_both_languages_and_a_remedy(code: str):
    english, chinese = TEMPLATES[code]
    assert not HAN.search(english)
    assert HAN.search(chinese)
    assert re.search(r"[;?]", english), "what is wrong; what would be right"
    assert re.search(r"[；？]", chinese) or code == "misspelt_column"
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("key", sorted(EXPECTED))
def test_remedy_has_both_languages(key: str):
    english, chinese = EXPECTED[key]
    assert english
    assert chinese
    assert not HAN.search(english)


def test_every_code_that_is_raised_has_words():
    raised = set(re.findall(r"\b(?:fatal|row|warning|Wrong|PydanticCustomError)\(\s*\"([a-z0-9_]+)\"", SOURCES))
    raised |= set(re.findall(r"PydanticCustomError\(\"([a-z0-9_]+)\"", SOURCES)) | set(CODES.values())
    assert len(raised) > 60
    assert raised <= set(TEMPLATES)


def test_no_words_without_a_use():
    unused = {code for code in TEMPLATES if f'"{code}"' not in SOURCES} - {"bad_value"}
    assert unused == set()


def test_every_expectation_has_words():
    named = set(re.findall(r"expects=\"([a-z0-9_]+)\"", SOURCES))
    named |= set(re.findall(r"\b(?:number|whole|choice)\(\"([a-z0-9_]+)\"", SOURCES))
    named |= {name for names in REQUIRED.values() for name in names}
    numeric = {column for column in READERS if re.search(rf'"{column}": (number|whole|choice)\(', SOURCES)}
    assert len(numeric) > 10
    assert named <= set(EXPECTED)


def leaf_keys(model) -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_fields"):
            keys |= leaf_keys(inner)
        else:
            keys.add(name)
    return keys


def test_every_key_of_the_settings_has_a_remedy():
    assert leaf_keys(Settings) - set(EXPECTED) <= {"faults", "tiers", "plan", "recorder", "switch", "link"}


def test_a_whole_sentence():
    problem = Problem(
        Severity.ROW, "cameras.csv", "row 17", "azimuth_deg", "north", "not_a_number", {"expects": "azimuth_deg"}
    )
    assert sentence(problem, "en") == (
        'cameras.csv row 17 azimuth_deg "north": not a number; give degrees clockwise from north, 0 to 360 (north = 0)'
    )
    assert sentence(problem, "zh") == (
        'cameras.csv 第 17 行 azimuth_deg "north"：不是数字；请填写：从正北顺时针的角度，0 到 360（正北 = 0）'
    )


def test_faults_come_before_warnings(make_site):
    text = "id,nmae,address\nA,x,10.0.0.1\nB,x,10.0.0.1\nC,x,!!\n"
    problems = read_site(make_site(cameras=text, declared=None, presets=None)).problems
    lines = list(report(problems, "en"))
    assert [line.startswith("warning: ") for line in lines] == [False, True, True]
    assert [line.startswith("警告：") for line in report(problems, "zh")] == [False, True, True]
    assert len(lines) == len(problems) == 3


def test_hostile_text_stays_on_one_line():
    problem = Problem(Severity.ROW, "map.geojson", "feature 1 (x\x1b[2J)", "kind", "a\nb", "unknown_kind", {})
    for language in ("en", "zh"):
        assert sentence(problem, language).isprintable()
