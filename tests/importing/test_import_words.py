"""Every outcome has words in both languages, each with what would help; the documents name every option."""

import re
import string
from pathlib import Path

import pytest

import cammon.importing
from cammon.cli.import_ import import_
from cammon.importing.words import DROPPED, LEDGERS, PUT_RIGHT, REFUSED, TEMPLATES

OWN = {**REFUSED, **DROPPED, **PUT_RIGHT, **LEDGERS}
HAN = re.compile(r"[\u4e00-\u9fff]")
FOLDER = Path(cammon.importing.__file__).parent
SOURCES = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py") if path.name != "words.py")
SOURCES += Path(import_.commands["dxf"].callback.__code__.co_filename).read_text("utf-8")


@pytest.mark.parametrize("code", sorted(OWN))
def test_sentences(code):
    english, chinese = OWN[code]
    bare = english.replace("BUILDINGS", "")
    assert HAN.search(chinese)
    assert not HAN.search(bare)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
    assert fields[0] == fields[1]
    assert f'"{code}"' in SOURCES


def test_every_code_that_is_said_has_a_sentence():
    said = set(re.findall(r"notes\.(?:dropped|repaired|kept|note|refuse)\(\s*\"([a-z0-9_]+)\"", SOURCES))
    assert len(said) > 30
    assert said <= set(TEMPLATES)


@pytest.mark.parametrize("page", ["import.md", "import.zh.md"])
def test_the_documents_name_every_option(page):
    text = (FOLDER.parents[1] / "docs" / page).read_text("utf-8")
    options = {option.opts[0] for command in import_.commands.values() for option in command.params if option.opts}
    missing = [option for option in sorted(options) if option.startswith("--") and option not in text]
    assert missing == []
