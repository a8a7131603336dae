"""Reading site.toml into its parts: every fault in it stops the start, each said with its key and remedy."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cammon.sitefiles.address import host_and_port
from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.model import (
    CredentialSource,
    Daylight,
    DayRule,
    Lifecycle,
    Limit,
    Limits,
    Probing,
    SelfCheck,
)
from cammon.sitefiles.settings import GradeSettings, Settings, TierSettings
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade

SECRETS = frozenset({"password", "passwd", "pwd", "login", "secret", "密码", "口令"})
"""Keys that show that somebody wrote a password into the file; their values are never shown."""
CODES = {
    "missing": "key_missing",
    "string_too_short": "key_missing",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "dict_type": "not_a_section",
    "model_type": "not_a_section",
    "model_attributes_type": "not_a_section",
    "list_type": "not_a_list",
    "bool_type": "not_one_of",
    "float_type": "not_a_number",
    "int_type": "not_a_number",
    "finite_number": "not_finite",
    "int_from_float": "not_whole",
    "literal_error": "not_one_of",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "too_short": "bad_length",
    "too_long": "bad_length",
    "string_too_long": "cell_too_long",
    "recursion_loop": "toml_broken",
}
"""pydantic's kinds of error by our codes; our own validators raise with our code as the kind."""
PLACE_OF = {"sun_without_position": "day.rule"}
"""Where a fault stands that concerns several keys together."""


def read_settings(text: str, faults: FileFaults) -> Settings | None:
    """The settings, or None with a fatal problem for every wrong key."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        faults.fatal("toml_broken", params={"reason": " ".join(str(error).split())[:200]})
        return None
    try:
        return Settings.model_validate(raw)
    except ValidationError as invalid:
        for wrong in invalid.errors(include_url=False):
            _say(wrong["type"], tuple(str(part) for part in wrong["loc"]), wrong["input"], faults)
        return None


def _say(kind: str, path: tuple[str, ...], value: object, faults: FileFaults) -> None:
    parts = tuple(part for part in path if part != "[key]")
    key = parts[-1] if parts else PLACE_OF.get(kind, "")
    code = CODES.get(kind, kind)
    if key.lower() in SECRETS:
        faults.fatal("password_in_settings", ".".join(parts))
        return
    where = ".".join(parts[:-1]) if "[key]" in path and len(parts) > 1 else ".".join(parts)
    seen = "" if isinstance(value, Mapping) else key if "[key]" in path else value
    faults.fatal(code, where or PLACE_OF.get(kind, ""), value=seen, params={"expects": _expects(parts)})


def _expects(parts: tuple[str, ...]) -> str:
    """The key by which the remedy is found: the last part that is a name of ours, not one that the user chose."""
    names = [part for part in parts if not part.isdigit()]
    if len(names) == 2 and names[0] in {"credentials", "contacts", "thresholds"}:
        return names[0]
    if len(names) == 3 and names[0] == "thresholds":
        return "threshold"
    if len(names) == 2 and names[0] == "pose":
        return "pose"
    if names == ["terrain", "file"]:
        return "terrain_file"
    return names[-1] if names else ""


def tiers_of(settings: Settings) -> dict[str, Probing]:
    """ "" (the site's own) and every tier, each with what it leaves out filled in."""
    base = _probing(Probing(), settings.probing)
    return {"": base} | {name: _probing(base, tier) for name, tier in settings.probing.tiers.items()}


def _probing(base: Probing, tier: TierSettings) -> Probing:
    given: dict[str, Any] = tier.model_dump(exclude={"faults", "tiers", "login_pause_s"}, exclude_none=True)
    probing = replace(base, **given)
    counts = {
        name: (patience.confirm_after or probing.confirm_after, patience.clear_after or probing.clear_after)
        for name, patience in tier.faults.items()
    }
    return replace(probing, faults={**probing.faults, **counts})


def limits_of(settings: Settings) -> Limits:
    """What recorders, switches and links may be asked for at once."""
    named = {"recorder": settings.limits.recorder, "switch": settings.limits.switch, "link": settings.limits.link}
    of = {
        (kind, name): Limit(limit.sessions, limit.mbit_s)
        for kind, group in named.items()
        for name, limit in group.items()
    }
    given = settings.limits.model_dump(include={"main_mbit_s", "sub_mbit_s"}, exclude_none=True)
    return replace(Limits(), of=of, **given)


def self_check_of(settings: Settings) -> SelfCheck:
    """When cammon doubts itself."""
    given: dict[str, Any] = settings.self_check.model_dump(exclude={"reference"}, exclude_none=True)
    reference = settings.self_check.reference
    return replace(SelfCheck(), reference=None if reference is None else host_and_port(reference), **given)


def daylight_of(settings: Settings) -> Daylight:
    """How day and night are told apart: by the sun where the position is known and nothing else is said."""
    known = settings.latitude is not None and settings.longitude is not None
    rule = DayRule(settings.day.rule) if settings.day.rule else DayRule.SUN if known else DayRule.FIXED
    return Daylight(rule, settings.latitude, settings.longitude, settings.day.sunrise, settings.day.sunset)


def lifecycle_of(settings: Settings) -> Lifecycle:
    """When cameras count as aged, and what work costs."""
    base = Lifecycle()
    given = settings.lifecycle.model_dump(exclude={"cost"}, exclude_none=True)
    cost = {**base.cost, **settings.lifecycle.cost.model_dump(exclude_none=True)}
    return replace(base, **given, cost=cost)


def deviations_of(settings: Settings) -> dict[PoseGrade, Deviations]:
    """Standard deviations of every pose grade: the built-in ones where site.toml says nothing."""
    return {grade: _deviations(DEVIATIONS[grade], getattr(settings.pose, grade.value)) for grade in PoseGrade}


def _deviations(base: Deviations, given: GradeSettings) -> Deviations:
    return Deviations(
        azimuth_deg=_or(given.azimuth_sd_deg, base.azimuth_deg),
        tilt_deg=_or(given.tilt_sd_deg, base.tilt_deg),
        hfov_share=base.hfov_share if given.hfov_sd_pct is None else given.hfov_sd_pct / 100,
        roll_deg=_or(given.roll_sd_deg, base.roll_deg),
    )


def _or(given: float | None, base: float) -> float:
    return base if given is None else given


def credentials_of(settings: Settings, folder: Path) -> dict[str, CredentialSource]:
    """Where each login comes from; a file's path is taken from the site folder."""
    return {
        name: CredentialSource(
            name, source.env, None if source.file is None else folder / source.file, bool(source.store)
        )
        for name, source in settings.credentials.items()
    }
