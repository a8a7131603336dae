"""What templates have at hand: codes into words, times and figures as the reader of this request reads them."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask, request, url_for
from jinja2 import pass_context

from cammon_coverage.model import Period, Reason
from cammon_web import context, figures, findingwords, words
from cammon_web.desk import FindingRow, PlaceRow, PlaceState, Role
from cammon_web.language import LANGUAGES
from cammon_web.outline import outline_path

WORDS: dict[str, Callable[[str, str], str]] = {
    "fault_name": words.fault_name,
    "advice": words.advice,
    "health_name": words.health_name,
    "place_state_name": words.place_state_name,
    "action_name": words.action_name,
    "upgrade_reason_name": words.upgrade_reason_name,
    "period_name": words.period_name,
    "basis_name": words.basis_name,
    "probe_kind_name": words.probe_kind_name,
    "step_name": words.step_name,
    "evidence_name": words.evidence_name,
    "role_name": words.role_name,
    "note_sentence": findingwords.note_sentence,
    "measure_name": words.measure_name,
    "kind_name": words.kind_name,
    "severity_name": words.severity_name,
    "looking_sentence": words.looking_sentence,
    "agreement_name": words.agreement_name,
}


def equip(app: Flask, refresh_s: float) -> None:
    """Give an application's templates their filters and what every page shows."""
    filters: dict[str, Callable[..., str | list[str]]] = {name: _in_language(word) for name, word in WORDS.items()}
    filters |= {
        "sentence": sentence,
        "sentences": sentences,
        "unseen_sentence": lambda reason: words.unseen_sentence(reason, context.language(), context.names()),
        "percent": figures.percent,
        "evidence_value": pass_context(lambda _, value: evidence_value(value)),
        "extent": extent,
        "turned_sentences": lambda turned: findingwords.turned_sentences(turned, context.language()),
        "measured": lambda row: words.measured_words(row.measured, row.unit, context.language()),
        "outline": outline_path,
        "number": figures.number,
        "short_time": short_time,
        "full_time": full_time,
        "machine_time": figures.machine_time,
        "age": age,
        "lasted": lasted,
        "seconds": lambda seconds: figures.duration(seconds, context.language()),
        "thing_name": lambda thing: context.names().get(thing, thing),
        "dial": dial,
        "capitalised": figures.capitalised,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.tests["standing"] = is_standing
    app.context_processor(lambda: _every_page(refresh_s))


def _in_language(word: Callable[[str, str], str]) -> Callable[..., str]:
    """A filter in the reader's language. Jinja must not take it for constant and keep the first reader's."""
    return pass_context(lambda _, code: word(code, context.language()))


def _every_page(refresh_s: float) -> dict[str, Any]:
    person = context.person()
    return {
        "site": context.site(),
        "looking": context.looking() if person else None,
        "language": context.language(),
        "languages": LANGUAGES,
        "person": person,
        "may_acknowledge": person is not None and person.role is not Role.VIEWER,
        "refresh_ms": round(refresh_s * 1000),
        "switch_language": _switch_language,
    }


def _switch_language(code: str) -> str:
    """The address that changes the language and comes back here; after a POST, to the start."""
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return url_for("accounts.choose_language", code=code, next=here)


def sentence(evidence: Reason | tuple[str, words.Params]) -> str:
    """A reason or a piece of evidence as a sentence, with names for ids."""
    return words.evidence_sentence(evidence, context.language(), context.names(), context.site().time_zone)


def sentences(evidence: Iterable[Reason | tuple[str, words.Params]]) -> list[str]:
    """All that an upgrade rests on, a sentence each."""
    return words.evidence_sentences(evidence, context.language(), context.names(), context.site().time_zone)


def evidence_value(value: str | float) -> str:
    """A figure, a note or an instant beside a probe."""
    at = _instant(str(value))
    return words.evidence_value(value, context.language()) if at is None else full_time(at)


def _instant(text: str) -> datetime | None:
    """Machine time, as probes write it into the evidence."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at


def extent(finding: FindingRow) -> str:
    """How much resolution a finding says is lost, how much hidden, how far turned."""
    return findingwords.row_extent(finding, context.language())


def short_time(at: datetime) -> str:
    """Time of day in the site's zone, with the date when it is not today's."""
    return figures.short_time(at, context.now(), context.site().time_zone)


def full_time(at: datetime) -> str:
    """Date and time in the site's zone."""
    return figures.full_time(at, context.site().time_zone)


def age(at: datetime) -> str:
    """How long ago."""
    return figures.age(at, context.now(), context.language())


def lasted(since: datetime) -> str:
    """How long by now."""
    return figures.lasted(since, context.now(), context.language())


def is_standing(place: PlaceRow, period: Period) -> bool:
    """Whether a key place is not covered by design in this light: known, not lost."""
    by_design = place.design_day if period is Period.DAY else place.design_night
    return place.state in (PlaceState.DARK, PlaceState.PARTLY) and not by_design


def dial(phone: str) -> str:
    """A telephone number as a `tel:` link takes it: digits, with a plus in front where there was one."""
    digits = re.sub(r"[^0-9]", "", phone)
    return f"+{digits}" if phone.strip().startswith("+") else digits
