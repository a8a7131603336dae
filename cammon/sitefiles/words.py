"""Problems of site files in words: one line each, in English or Chinese, ending in what would be right."""

import re
from collections.abc import Iterable, Mapping

from cammon.sitefiles.faults import one_line
from cammon.sitefiles.model import Problem, Severity
from cammon.sitefiles.remedies import EXPECTED
from cammon.sitefiles.templates import TEMPLATES

LANGUAGES = ("en", "zh")
WHERE = (
    (re.compile(r"row (\d+)"), r"第 \1 行"),
    (re.compile(r"line (\d+)"), r"第 \1 行文本"),
    (re.compile(r"feature (\d+)(?: \((.*)\))?"), r"第 \1 个要素"),
)
WARNING = ("warning: ", "警告：")


def sentence(problem: Problem, language: str, templates: Mapping[str, tuple[str, str]] = TEMPLATES) -> str:
    """One line: file, place, column, value, what is wrong, and what would be right."""
    head = " ".join(part for part in (problem.file, place(problem, language), problem.column) if part)
    value = f' "{problem.value}"' if problem.value else ""
    return one_line(f"{head}{value}{'：' if language == 'zh' else ': '}{remedy(problem, language, templates)}")


def place(problem: Problem, language: str) -> str:
    """Where in its file: a row, a feature, a key; "" for the whole file."""
    return one_line(_where(problem.where, language == "zh"))


def remedy(problem: Problem, language: str, templates: Mapping[str, tuple[str, str]] = TEMPLATES) -> str:
    """What is wrong, and what would be right, without the place and the value."""
    chinese = language == "zh"
    params: dict[str, str | float] = {name: _said(name, value, chinese) for name, value in problem.params.items()}
    params["expected"] = _expected(str(problem.params.get("expects", "")), chinese)
    return one_line(templates[problem.code][chinese].format_map(_Forgiving(params)))


def report(problems: Iterable[Problem], language: str) -> Iterable[str]:
    """The lines of `cammon check`: faults first as they stand in the files, then warnings, marked as such."""
    known = list(problems)
    for problem in known:
        if problem.severity is not Severity.WARNING:
            yield sentence(problem, language)
    for problem in known:
        if problem.severity is Severity.WARNING:
            yield WARNING[language == "zh"] + sentence(problem, language)


def _where(where: str, chinese: bool) -> str:
    if not chinese:
        return where
    for pattern, words in WHERE:
        found = pattern.fullmatch(where)
        if found:
            name = found[2] if found.re.groups > 1 else None
            return found.expand(words) + (f"（{name}）" if name else "")
    return where


def _said(name: str, value: str | float, chinese: bool) -> str | float:
    if isinstance(value, float):
        return f"{value:g}"
    if name == "nearest":
        if not value:
            return ""
        return f"（是不是“{value}”？）" if chinese else f' (did you mean "{value}"?)'
    return _where(value, chinese) if name == "first" and isinstance(value, str) else value


def _expected(expects: str, chinese: bool) -> str:
    return EXPECTED.get(expects, EXPECTED[""])[chinese]


class _Forgiving(dict[str, str | float]):
    """A parameter that a problem does not carry is shown as nothing rather than breaking the report."""

    def __missing__(self, key: str) -> str:
        return ""
