"""Writing pieces into map.geojson: what is there stays, each feature is tried first, the file is replaced whole."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import mapping

from cammon.importing.model import Note, Notes, Outcome, Piece, Refused, Report
from cammon.importing.target import MAP, Into, new_problems, raw_map, trial, write_whole
from cammon.sitefiles.cells import as_text
from cammon.sitefiles.model import Problem, Severity, SiteReading

FEATURE = re.compile(r"feature (\d+)")
TRIALS = 4
"""Leaving out what is wrong can only make other things right; this many rounds are more than enough."""
LACKING = {"obstacle": ("top_m", "no_height"), "key_place": ("level", "no_level")}
LACKING |= {"mounting_place": ("height_m", "no_mounting_height")}
Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """A feature as it will stand in the map, and where in the source it comes from."""

    source: str
    feature: Feature

    @property
    def key(self) -> tuple[str, str]:
        """Kind and id: what makes two features the same."""
        return key_of(self.feature)


def key_of(feature: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and id of a raw feature, ("", "") for what is none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return "", ""
    return as_text(properties.get("kind")), as_text(properties.get("id")).strip()


def merge_map(pieces: Sequence[Piece], level: str, into: Into, notes: Notes, *, replace: bool, dry_run: bool) -> Report:
    """Write the pieces into the site's map. Raises Refused when the site could not be read afterwards."""
    whole = raw_map(into.folder)
    features = _features(pieces, level, notes)
    old, new = list(whole["features"]), _unique(features, notes)
    known = {key_of(feature): at for at, feature in enumerate(old)}
    replaced = {known[item.key]: item for item in new if item.key in known} if replace else {}
    for item in new:
        if item.key in known and not replace:
            notes.kept("already_there", item.source, "id", item.key[1])
    added = [item for item in new if item.key not in known]
    replaced, added, text, after = _tried(whole, old, replaced, added, into, notes)
    for problem in new_problems(into.before, after):
        notes.taken.append(Note(Outcome.NOTE, problem))
    if not dry_run and (added or replaced):
        _write(into, text, notes)
    counts = Counter(item.key[0] for item in added), Counter(item.key[0] for item in replaced.values())
    return Report(notes.file, str(into.folder), dry_run, *counts, tuple(notes.taken))


def _write(into: Into, text: str, notes: Notes) -> None:
    try:
        write_whole(into.folder / MAP, text)
    except OSError as error:
        raise notes.refuse("cannot_write", value=str(into.folder / MAP), reason=error.strerror or "") from error


def _features(pieces: Sequence[Piece], level: str, notes: Notes) -> list[Placed]:
    """The pieces that say all that their kind needs."""
    done: list[Placed] = []
    for piece in pieces:
        properties = dict(piece.properties)
        if level and piece.kind == "key_place":
            properties.setdefault("level", level)
        name, code = LACKING.get(piece.kind, ("", ""))
        if name and name not in properties:
            notes.dropped(code, piece.source, name)
            continue
        geometry = json.loads(json.dumps(mapping(piece.geometry)))
        feature = {"type": "Feature", "properties": {"kind": piece.kind, **properties}, "geometry": geometry}
        done.append(Placed(piece.source, feature))
    return done


def _unique(features: Sequence[Placed], notes: Notes) -> list[Placed]:
    """Each id of a kind once; the second of the same id in one file is dropped."""
    first: dict[tuple[str, str], Placed] = {}
    for item in features:
        if item.key in first:
            notes.dropped("duplicate_id", item.source, "id", item.key[1], first=first[item.key].source)
        else:
            first[item.key] = item
    return list(first.values())


def _tried(
    whole: Mapping[str, Any],
    old: list[Feature],
    replaced: Mapping[int, Placed],
    added: list[Placed],
    into: Into,
    notes: Notes,
) -> tuple[dict[int, Placed], list[Placed], str, SiteReading]:
    """The features that a site with them in it can use: the others are dropped with what is wrong with them."""
    replaced = dict(replaced)
    for _ in range(TRIALS):
        lines = [replaced[at].feature if at in replaced else feature for at, feature in enumerate(old)]
        text = _text(whole, [*lines, *(item.feature for item in added)])
        after = trial(into.folder, {MAP: text})
        _refuse_fatal(into.before, after)
        ours = {at + 1: item for at, item in replaced.items()}
        ours |= {len(old) + at: item for at, item in enumerate(added, start=1)}
        bad = _bad(after, ours)
        if not bad:
            break
        for number, problems in bad.items():
            for problem in problems:
                params = {**problem.params, "first": _source_of(problem, ours)} if "first" in problem.params else {}
                notes.dropped(
                    problem.code, ours[number].source, problem.column, problem.value, **(params or problem.params)
                )
        replaced = {at: item for at, item in replaced.items() if at + 1 not in bad}
        added = [item for number, item in ours.items() if number > len(old) and number not in bad]
    return replaced, added, text, after


def _source_of(problem: Problem, ours: Mapping[int, Placed]) -> str:
    found = FEATURE.match(str(problem.params["first"]))
    item = ours.get(int(found[1])) if found else None
    return item.source if item else str(problem.params["first"])


def _bad(after: SiteReading, ours: Mapping[int, Placed]) -> dict[int, list[Problem]]:
    """Our features that were set aside, with why."""
    bad: dict[int, list[Problem]] = {}
    for problem in after.problems:
        found = FEATURE.match(problem.where)
        if problem.file == MAP and problem.severity is Severity.ROW and found and int(found[1]) in ours:
            bad.setdefault(int(found[1]), []).append(problem)
    return bad


def _refuse_fatal(before: SiteReading, after: SiteReading) -> None:
    fatal = [problem for problem in new_problems(before, after) if problem.severity is Severity.FATAL]
    if fatal:
        raise Refused(*fatal)


def _text(whole: Mapping[str, Any], features: Sequence[Feature]) -> str:
    """The collection with one feature a line; its other members stay."""
    others = {name: value for name, value in whole.items() if name != "features"}
    head = json.dumps(others, ensure_ascii=False)[:-1]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{head}, "features": [\n{lines}\n]}}\n'
