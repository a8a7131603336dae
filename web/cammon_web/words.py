"""Codes put into words, in the reader's language: for pages, for JSON and for the command line.

Every function takes the language as its last argument ("zh" or "en"; anything else reads as English) and works without
a request. An unknown code comes back as it is: an old page must not break on a new fault.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cammon_coverage.model import Basis, Period, Reason, ReasonCode
from cammon_probes.model import ProbeKind
from cammon_web import figures
from cammon_web.desk import Agreement, HealthState, PlaceState, Role
from cammon_web.faultwords import ADVICE, FAULT_NAMES
from cammon_web.language import mark as _
from cammon_web.language import say
from cammon_web.probewords import EVIDENCE_NAMES, NOTES, STEPS, UNITS

Params = Mapping[str, str | float]
Names = Mapping[str, str]
"""Ids of cameras, key places and obstacles -> the names that people use."""

REASONS: Mapping[str, str] = {
    ReasonCode.NO_CAMERA_IN_RANGE: _("No camera is near enough to see it."),
    ReasonCode.OUTSIDE_VIEW: _("%(camera)s would reach it but looks elsewhere."),
    ReasonCode.HIDDEN_BY_OBSTACLE: _("%(obstacle)s stands between it and %(camera)s."),
    ReasonCode.DENSITY_TOO_LOW: _(
        "%(camera)s sees it with %(density_px_per_m)s px/m, %(level_px_per_m)s px/m are required."
    ),
    ReasonCode.TOO_DARK: _("Too dark at night: %(camera)s sees %(night_range_m)s m by night and the place is not lit."),
    ReasonCode.WRONG_SIDE: _("%(camera)s sees it, but not from the required side."),
    ReasonCode.TOO_STEEP: _(
        "%(camera)s looks down too steeply: %(depression_deg)s°, at most %(max_depression_deg)s° are allowed."
    ),
    ReasonCode.REDUNDANCY_SHORT: _("Seen by %(devices)s devices at once, %(redundancy)s are required."),
    ReasonCode.CAMERA_FAULTY: _("Not seen by %(camera)s now: %(fault)s."),
    ReasonCode.CAMERA_UNKNOWN: _("Not known, because %(camera)s could not be judged: %(fault)s."),
    ReasonCode.CAMERA_WITHOUT_POSE: _("%(camera)s has no position or direction in the ledger."),
    ReasonCode.INSIDE_OBSTACLE: _("It lies inside %(obstacle)s on the map."),
    ReasonCode.MASKED: _("%(camera)s would see it, but a privacy mask lies over it."),
    ReasonCode.HIDDEN_BY_TERRAIN: _("The ground itself rises between it and %(camera)s."),
}

EVIDENCE: Mapping[str, str] = {
    "fault": _("Confirmed fault: %(fault)s, since %(since)s."),
    "shared_failure": _("%(cameras)s cameras behind %(kind)s %(id)s fail together, since %(since)s."),
    "service_life_over": _(
        "In service since %(installed_on)s: %(age_years)s years, service life %(life_years)s years."
    ),
    "end_of_life": _("%(model)s is past its maker's end of life (%(date)s)."),
    "certificate_expired": _("Its certificate ran out on %(date)s."),
    "level_missed": _(
        "Reaches %(density_px_per_m)s px/m at %(place)s %(period)s, %(level_px_per_m)s px/m are required."
    ),
    "model_reaches": _("%(model)s with %(width_px)s pixels across and %(hfov_deg)s° reaches it."),
    "no_model_reaches": _("No model of the catalog is known to do."),
    "lens_dirty_weeks": _(
        "Its %(measure)s has been falling by %(percent)s %% a week since %(since)s: lens getting dirty, "
        "about %(weeks)s weeks left."
    ),
    "lens_dirty_days": _(
        "Its %(measure)s has been falling by %(percent)s %% a week since %(since)s: lens getting dirty, "
        "about %(days)s days left."
    ),
    "lens_dirty_now": _(
        "Its %(measure)s has been falling by %(percent)s %% a week since %(since)s: lens dirty, clean it now."
    ),
    "no_camera": _("No camera covers %(place)s %(period)s by design."),
    "view": _(
        "%(model)s at %(height_m)s m height, %(azimuth_deg)s° from north, tilted %(tilt_deg)s°, %(hfov_deg)s° wide."
    ),
}
"""What the upgrade list says beside the reasons of coverage. Parameters in the sentences."""

HEALTH: Mapping[str, str] = {
    HealthState.UNKNOWN: _("unknown"),
    HealthState.OK: _("working"),
    HealthState.SUSPECT: _("suspect"),
    HealthState.FAULTY: _("faulty"),
}
PLACE_STATES: Mapping[str, str] = {
    PlaceState.COVERED: _("covered"),
    PlaceState.PARTLY: _("partly covered"),
    PlaceState.DARK: _("dark"),
    PlaceState.UNKNOWN: _("not known"),
    "standing": _("not covered by design"),
}
ACTIONS: Mapping[str, str] = {
    "clean": _("clean"),
    "refocus": _("refocus"),
    "re_aim": _("re-aim"),
    "repair": _("repair"),
    "replace": _("replace"),
    "add": _("add a camera"),
}
UPGRADE_REASONS: Mapping[str, str] = {
    "broken": _("broken"),
    "aged": _("aged"),
    "outdated": _("outdated"),
    "foreseen": _("foreseen"),
    "blind": _("blind spot"),
}
MEASURES: Mapping[str, str] = {"sharpness": _("sharpness"), "contrast": _("contrast"), "luma": _("brightness")}
BOTH = "day and night"
PERIODS: Mapping[str, str] = {Period.DAY: _("by day"), Period.NIGHT: _("by night"), BOTH: _("by day and by night")}
BASES: Mapping[str, str] = {Basis.DESIGN: _("design"), Basis.EFFECTIVE: _("effective")}
PROBE_KINDS: Mapping[str, str] = {
    ProbeKind.LIVENESS: _("liveness look"),
    ProbeKind.PICTURE: _("picture look"),
    ProbeKind.DEVICE: _("device look"),
}
ROLES: Mapping[str, str] = {
    Role.VIEWER: _("viewer"),
    Role.OPERATOR: _("operator"),
    Role.ADMIN: _("administrator"),
}
KINDS: Mapping[str, str] = {
    "camera": _("camera"),
    "device": _("device"),
    "switch": _("switch"),
    "recorder": _("recorder"),
    "power": _("power circuit"),
    "gateway": _("gateway"),
    "mounting_place": _("mounting place"),
    "site": _("site"),
    "weather": _("weather"),
}
AGREEMENTS: Mapping[str, str] = {
    Agreement.SEEN: _("geometry agrees"),
    Agreement.NOT_SEEN: _("geometry does not see it"),
    Agreement.UNPROVEN: _("geometry cannot say"),
    Agreement.NOT_DECLARED: _("seen, but not declared"),
}
TOO_FAR = _("It is too far away, or something hides it.")
"""`no_camera_in_range`, of one camera."""
LOOKING_CAUSES: Mapping[str, str] = {
    "": _("cammon is looking."),
    "starting": _("cammon is starting; the first look is not finished."),
    "stopped": _("cammon is not looking: its probes have stopped. What stands below is old."),
    "late": _("cammon is behind with its looks: what stands below may be old."),
    "own_network": _("cammon's own network is down: it cannot see any camera."),
    "canary": _("cammon doubts itself: it does not even see its own camera."),
    "reference": _("cammon doubts its network: the reference host of the site does not answer."),
}
SEVERITIES: Mapping[str, str] = {
    "fatal": _("stops the start"),
    "row": _("set aside"),
    "warning": _("warning"),
}
NO_NAMES: Names = MappingProxyType({})
UTC = ZoneInfo("UTC")
NAMED = frozenset({"camera", "obstacle", "place"})
"""Parameters that hold an id which people know by a name."""
CAUSES: Mapping[str, str] = {
    "not_looked_at": _("not looked at yet"),
    "self_doubt": _("cammon doubts its own look"),
    "looks_elsewhere": _("looks away from its home view"),
    "turned": _("turned; the ledger has its direction from before"),
    "patrols": _("on patrol: shows its home view only part of the time"),
    "down": _("taken as down"),
}
"""Why a camera counts as not seeing, where it is no fault of its own."""


def _word(table: Mapping[str, str], code: str, language: str) -> str:
    """The word of a code; members of a StrEnum are found by their string."""
    return say(table[code], language) if code in table else str(code)


def fault_name(code: str, language: str) -> str:
    """The name of a fault: `blur` is "blurred" or 画面模糊."""
    return _word(CAUSES if code in CAUSES else FAULT_NAMES, code, language)


def advice(fault: str, language: str) -> str:
    """One sentence on what to do first about a fault; "" for an unknown one."""
    return say(ADVICE[fault], language) if fault in ADVICE else ""


def health_name(state: str, language: str) -> str:
    """The name of a HealthState."""
    return _word(HEALTH, state, language)


def place_state_name(state: str, language: str) -> str:
    """The name of a PlaceState."""
    return _word(PLACE_STATES, state, language)


def action_name(action: str, language: str) -> str:
    """What a row of the upgrade list tells people to do."""
    return _word(ACTIONS, action, language)


def upgrade_reason_name(reason: str, language: str) -> str:
    """Why a row stands on the upgrade list: broken, aged, outdated, blind."""
    return _word(UPGRADE_REASONS, reason, language)


def measure_name(measure: str, language: str) -> str:
    """What is followed over weeks: sharpness, contrast, brightness."""
    return _word(MEASURES, measure, language)


def period_name(period: str, language: str) -> str:
    """By day or by night."""
    return _word(PERIODS, period, language)


def basis_name(basis: str, language: str) -> str:
    """Design or effective."""
    return _word(BASES, basis, language)


def probe_kind_name(kind: str, language: str) -> str:
    """The name of a ProbeKind."""
    return _word(PROBE_KINDS, kind, language)


def step_name(name: str, language: str) -> str:
    """What a probe did in one step."""
    return _word(STEPS, name, language)


def evidence_name(name: str, language: str) -> str:
    """What a figure beside a probe is."""
    return _word(EVIDENCE_NAMES, name, language)


def evidence_value(value: str | int | float, language: str) -> str:
    """A figure or a note beside a probe: what the probe says in words of its own reads in the reader's language."""
    text = str(value)
    note, colon, rest = text.partition(": ")
    if note in NOTES:
        told = _word(NOTES, note, language)
    elif note in FAULT_NAMES or note in CAUSES:
        told = fault_name(note, language)
        rest = ", ".join(_part(part, language) for part in rest.split(", "))
    else:
        return text
    return told + ({"zh": "："}.get(language, colon) + rest if colon else "")


def _part(text: str, language: str) -> str:
    """One of several things seen: words of a probe's own, a figure with its name, or the camera's own words."""
    name, _, figure = text.partition(" ")
    if name in EVIDENCE_NAMES and figure.isdecimal():
        return f"{evidence_name(name, language)} {figure}"
    return _word(NOTES, text, language) if text in NOTES else text


def unit_name(unit: str, language: str) -> str:
    """The unit of what a picture check measured."""
    return _word(UNITS, unit, language)


def measured_words(measured: float, unit: str, language: str) -> str:
    """What a picture check measured, with its unit; shares as percent."""
    figure = figures.percent(measured) if unit.startswith("share of") else figures.number(float(measured))
    return f"{figure} {unit_name(unit, language)}".replace(" （", "（")


def role_name(role: str, language: str) -> str:
    """The name of a Role."""
    return _word(ROLES, role, language)


def kind_name(kind: str, language: str) -> str:
    """The kind of a shared thing: camera, device, switch, recorder, power."""
    return _word(KINDS, kind, language)


def severity_name(severity: str, language: str) -> str:
    """How bad a problem of a site file is: fatal, row, warning."""
    return _word(SEVERITIES, severity, language)


def agreement_name(agreement: str, language: str) -> str:
    """What geometry says of a declared camera and its key place."""
    return _word(AGREEMENTS, agreement, language)


def unseen_sentence(reason: Reason, language: str, names: Names = NO_NAMES) -> str:
    """Why one camera does not see a key place."""
    if reason.code is ReasonCode.NO_CAMERA_IN_RANGE:
        return say(TOO_FAR, language)
    return reason_sentence(reason, language, names)


def looking_sentence(cause: str, language: str) -> str:
    """Whether cammon itself is looking, by `Looking.cause`."""
    return _word(LOOKING_CAUSES, cause, language)


def reason_sentence(reason: Reason, language: str, names: Names = NO_NAMES) -> str:
    """Why a key place is not covered, as a sentence; ids become names where `names` has them."""
    return code_sentence(reason.code, reason.params, language, names)


def evidence_sentence(
    evidence: Reason | tuple[str, Params], language: str, names: Names = NO_NAMES, zone: ZoneInfo = UTC
) -> str:
    """What an upgrade rests on, as a sentence; instants in `zone`."""
    if isinstance(evidence, Reason):
        return reason_sentence(evidence, language, names)
    return code_sentence(evidence[0], evidence[1], language, names, zone)


def evidence_sentences(
    evidence: Iterable[Reason | tuple[str, Params]], language: str, names: Names = NO_NAMES, zone: ZoneInfo = UTC
) -> list[str]:
    """All that an upgrade rests on; what holds by day and by night is said once."""
    told: dict[str, tuple[str, dict[str, str | float]]] = {}
    for one in evidence:
        code, params = (one.code, one.params) if isinstance(one, Reason) else one
        same = repr((code, sorted((name, value) for name, value in params.items() if name != "period")))
        twice = same in told and "period" in params
        told[same] = code, {**params, "period": BOTH} if twice else dict(params)
    return [code_sentence(code, params, language, names, zone) for code, params in told.values()]


def code_sentence(code: str, params: Params, language: str, names: Names = NO_NAMES, zone: ZoneInfo = UTC) -> str:
    """A code with parameters as a sentence; an unknown code is shown with its parameters."""
    told = {name: _told(name, value, language, names, zone) for name, value in params.items()}
    for table in (REASONS, EVIDENCE):
        if code in table:
            return say(table[code], language, **told)
    return " ".join([str(code), *(f"{name}={value}" for name, value in told.items())])


def _told(name: str, value: str | float, language: str, names: Names, zone: ZoneInfo) -> str:
    if not isinstance(value, str):
        return figures.number(value)
    if name in WORDED:
        return WORDED[name](value, language)
    if name == "since":
        return figures.told_instant(value, zone)
    return names.get(value, value) if name in NAMED else value


WORDED: Mapping[str, Callable[[str, str], str]] = {
    "fault": fault_name,
    "period": period_name,
    "kind": kind_name,
    "measure": measure_name,
}
"""Parameters that hold a code with words of its own."""
