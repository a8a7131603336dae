"""The languages of cammon and its one catalogue of sentences: English in the code, Chinese in `translations/zh`.

The `.po` file is read at the first use; nothing compiled lies in the tree. Works inside and outside a request.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
"""Code and the language's own name of itself."""
SOURCE_LANGUAGE = "en"
FOLDER = Path(__file__).parent / "translations"


def mark(message: str) -> str:
    """Mark a message for the catalogue where it is defined; it is put into words where it is shown."""
    return message


def known_language(code: str | None, default: str = SOURCE_LANGUAGE) -> str:
    """One of LANGUAGES: of "zh-CN" it is "zh"; `default` for anything else."""
    short = (code or "").replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else default


def preferred_language(accepted: Sequence[str], default: str) -> str:
    """The first of the browser's languages that cammon speaks, `default` when it speaks none of them."""
    found = negotiate_locale([tag.replace("-", "_") for tag in accepted], list(LANGUAGES))
    return known_language(found, known_language(default))


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; the one that changes nothing for English and for unknown codes."""
    if language == SOURCE_LANGUAGE or language not in LANGUAGES:
        return NullTranslations()
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class _Known(dict[str, object]):
    """Parameters of a sentence; a missing one is shown as a question mark, not raised."""

    def __missing__(self, name: str) -> str:
        return "?"


def say(message: str, language: str, **params: object) -> str:
    """A marked message in a language with its `%(name)s` filled in."""
    return translations(language).gettext(message) % _Known(params)
