"""What Prometheus reads: one snapshot of the stored state becomes one page of text. docs/metrics.md lists the metrics.

What is not known is absent, never 0 and never NaN: a NaN would poison every average over time, a 0 would page somebody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from cammon.version import VERSION
from cammon_coverage.model import Basis, Period
from cammon_probes.model import Fault, ProbeKind

DOUBTS = ("own_network", "canary", "reference", "late")
LATE_BOUNDS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the steps in which lateness is counted."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera. `up`: whether it answers, None while not known. `faults`: confirmed and open.

    `read_at`: time of the newest reading by kind, seconds since 1970. `info`: labels for `cammon_camera_info`.
    `dirty_in_s`: when what its pictures are heading for is a fault.
    """

    id: str
    up: bool | None = None
    faults: tuple[Fault, ...] = ()
    read_at: Mapping[ProbeKind, float] = field(default_factory=dict)
    clock_offset_s: float | None = None
    info: Mapping[str, str] = field(default_factory=dict)
    dirty_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceState:
    """One key place. `covered` and `share` by basis and period; None or missing while not known."""

    id: str
    name: str = ""
    priority: int = 2
    level_px_per_m: float = 0.0
    covered: Mapping[tuple[Basis, Period], bool | None] = field(default_factory=dict)
    share: Mapping[tuple[Basis, Period], float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ratios:
    """The coverage of the site on one basis in one period; None while not known."""

    ratio: float | None = None
    weighted_ratio: float | None = None
    area_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeCount:
    """Probes of one kind since the start: how many ended well or in a fault, and how long all took together."""

    ok: int = 0
    faulty: int = 0
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LateCount:
    """Looks of one kind by how late they began: how many in each step of `LATE_BOUNDS_S` and beyond, and the sum."""

    counts: tuple[int, ...] = (0,) * (len(LATE_BOUNDS_S) + 1)
    sum_s: float = 0.0

    def plus(self, late_s: float) -> "LateCount":
        """One look more."""
        step = sum(late_s > bound_s for bound_s in LATE_BOUNDS_S)
        counts = tuple(count + (place == step) for place, count in enumerate(self.counts))
        return LateCount(counts, self.sum_s + late_s)


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How far the limit of a recorder, switch or link is used now. `sessions_allowed`: less than set after refusals.

    `waiting_s`: how long the look that waits longest for it has been due.
    """

    kind: str
    id: str
    sessions: int
    sessions_allowed: int | None
    mbit_s: float
    mbit_s_allowed: float | None
    waiting_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """Everything that /metrics tells of one site at one moment.

    `looking`: whether cammon itself is looking. `doubt`: why it does not believe itself, "" when it does.
    `late_s`: how late the most overdue probe is. `period`: the light now.
    `incidents`: open ones by kind of their cause (camera, switch, ...). `cameras_by_health`: health -> cameras.
    `weather_cameras`: how many have lost sharpness or contrast by weather of the whole site.
    """

    site: str
    looking: bool
    period: Period
    late_s: float = 0.0
    doubt: str = ""
    doubt_since: float | None = None
    lateness: Mapping[ProbeKind, LateCount] = field(default_factory=dict)
    limits: tuple[LimitUse, ...] = ()
    last_reading_at: float | None = None
    cameras: tuple[CameraState, ...] = ()
    places: tuple[PlaceState, ...] = ()
    ratios: Mapping[tuple[Basis, Period], Ratios] = field(default_factory=dict)
    incidents: Mapping[str, int] = field(default_factory=dict)
    cameras_by_health: Mapping[str, int] = field(default_factory=dict)
    probes: Mapping[ProbeKind, ProbeCount] = field(default_factory=dict)
    missing_channels: Mapping[str, int] = field(default_factory=dict)
    """recorder -> channels of the ledger that it does not tell of"""
    site_problems: int = 0
    weather_cameras: int = 0
    declared: Mapping[tuple[str, Period], Mapping[str, int]] = field(default_factory=dict)
    """key place and period -> cameras by how declaration and geometry agree on them"""
    declared_only: Mapping[tuple[Basis, Period], int | None] = field(default_factory=dict)


def render(snapshot: MetricsSnapshot) -> bytes:
    """The snapshot in Prometheus's text format, version 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(snapshot))
    return generate_latest(registry)


class SnapshotCollector(Collector):
    """The metric families of one snapshot. One more metric: one more method in the list of `collect`."""

    def __init__(self, snapshot: MetricsSnapshot) -> None:
        self._state = snapshot

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of time: the families follow from the snapshot."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family, always in the same order."""
        yield from self._self_health()
        yield from self._cameras()
        yield from self._places()
        yield from self._coverage()
        yield from self._declared()
        yield from self._work()

    def _self_health(self) -> Iterator[Metric]:
        state = self._state
        yield _gauge("cammon_build_info", "Version of cammon; always 1.", ("version",), [((VERSION,), 1)])
        yield self._single(
            "cammon_looking", "1 while cammon itself looks at the cameras as often as it should.", state.looking
        )
        yield self._single("cammon_probe_lateness_seconds", "How late the most overdue probe is.", state.late_s)
        yield self._gauge(
            "cammon_self_doubt",
            "1 while cammon doubts itself for this cause: what it finds wrong counts as unknown.",
            ("cause",),
            [((cause,), cause == state.doubt) for cause in DOUBTS],
        )
        yield self._single(
            "cammon_self_doubt_since_timestamp_seconds", "Since when cammon doubts itself.", state.doubt_since
        )
        yield from self._limits()
        yield self._missing_channels()
        yield self._single(
            "cammon_last_reading_timestamp_seconds",
            "When the newest reading of any camera was made.",
            state.last_reading_at,
        )
        yield self._single(
            "cammon_site_weather_cameras",
            "Cameras that weather of the whole site has struck; 0 while there is none.",
            state.weather_cameras,
        )
        yield self._single("cammon_site_problems", "Rows of the site files that were set aside.", state.site_problems)
        yield self._gauge(
            "cammon_period_now",
            "1 for the light in which the site is judged now (day or night).",
            ("period",),
            [((period,), period is state.period) for period in Period],
        )

    def _missing_channels(self) -> Metric:
        samples = [((recorder,), count) for recorder, count in self._state.missing_channels.items()]
        help_text = "Channels of the ledger that the recorder itself does not tell of; absent when there are none."
        return self._gauge("cammon_recorder_channels_missing", help_text, ("recorder",), samples)

    def _limits(self) -> Iterator[Metric]:
        """Use and allowance of every limit, in one family each."""
        ends: tuple[tuple[str, str, Callable[[LimitUse], float | None]], ...] = (
            ("cammon_limit_sessions", "Looks under way at once.", lambda one: one.sessions),
            (
                "cammon_limit_sessions_allowed",
                "Looks allowed at once; fewer than set after refusals.",
                lambda one: one.sessions_allowed,
            ),
            (
                "cammon_limit_bits_per_second",
                "Rate that is reserved for looks under way.",
                lambda one: _bits(one.mbit_s),
            ),
            ("cammon_limit_bits_per_second_allowed", "Rate allowed.", lambda one: _bits(one.mbit_s_allowed)),
            (
                "cammon_limit_wait_seconds",
                "How long the look that waits longest for it has been due.",
                lambda one: one.waiting_s,
            ),
        )
        for name, help_text, of in ends:
            samples = [((one.kind, one.id), of(one)) for one in self._state.limits]
            yield self._gauge(name, help_text, ("kind", "id"), samples)

    def _cameras(self) -> Iterator[Metric]:
        cameras = self._state.cameras
        keys = tuple(sorted({key for camera in cameras for key in camera.info} - {"site", "camera"}))
        yield self._gauge(
            "cammon_camera_info",
            "What the ledger says of a camera; always 1.",
            ("camera", *keys),
            [((camera.id, *(camera.info.get(key, "") for key in keys)), 1) for camera in cameras],
        )
        yield self._gauge(
            "cammon_camera_up",
            "1 when the camera answers its probes, 0 when that fault is confirmed; absent while not known.",
            ("camera",),
            [((camera.id,), camera.up) for camera in cameras],
        )
        yield self._gauge(
            "cammon_camera_fault",
            "1 for every confirmed, open fault; absent when there is none.",
            ("camera", "fault"),
            [((camera.id, fault), 1) for camera in cameras for fault in camera.faults],
        )
        yield self._gauge(
            "cammon_camera_last_reading_timestamp_seconds",
            "When the newest reading of a kind was made.",
            ("camera", "kind"),
            [((camera.id, kind), at) for camera in cameras for kind, at in camera.read_at.items()],
        )
        yield self._gauge(
            "cammon_camera_clock_offset_seconds",
            "The camera's clock minus cammon's.",
            ("camera",),
            [((camera.id,), camera.clock_offset_s) for camera in cameras],
        )
        yield self._gauge(
            "cammon_camera_dirty_in_seconds",
            "How long until the slow fall of its pictures' sharpness or contrast is a fault; absent without one.",
            ("camera",),
            [((camera.id,), camera.dirty_in_s) for camera in cameras],
        )
        yield self._gauge(
            "cammon_cameras",
            "Cameras by health.",
            ("health",),
            [((health,), count) for health, count in self._state.cameras_by_health.items()],
        )

    def _places(self) -> Iterator[Metric]:
        places = self._state.places
        yield self._gauge(
            "cammon_key_place_info",
            "What the map says of a key place; always 1.",
            ("place", "name", "priority", "level_px_per_m"),
            [((place.id, place.name, str(place.priority), f"{place.level_px_per_m:g}"), 1) for place in places],
        )
        by = ("place", "basis", "period")
        yield self._gauge(
            "cammon_key_place_covered",
            "1 when the key place is covered at its level, 0 when not; absent while not known.",
            by,
            [((place.id, *key), covered) for place in places for key, covered in place.covered.items()],
        )
        yield self._gauge(
            "cammon_key_place_covered_ratio",
            "The share of the key place that is surely seen at its level.",
            by,
            [((place.id, *key), share) for place in places for key, share in place.share.items()],
        )

    def _coverage(self) -> Iterator[Metric]:
        ratios, by = self._state.ratios, ("basis", "period")
        yield self._gauge(
            "cammon_coverage_ratio",
            "Covered key places / key places; its target is 1.",
            by,
            [(key, ratio.ratio) for key, ratio in ratios.items()],
        )
        yield self._gauge(
            "cammon_coverage_weighted_ratio",
            "The same, weighted by priority.",
            by,
            [(key, ratio.weighted_ratio) for key, ratio in ratios.items()],
        )
        yield self._gauge(
            "cammon_coverage_area_ratio",
            "Covered area / area, over the key places that are areas.",
            by,
            [(key, ratio.area_ratio) for key, ratio in ratios.items()],
        )

    def _declared(self) -> Iterator[Metric]:
        yield self._gauge(
            "cammon_key_place_declared_cameras",
            "Cameras of a key place by how what is declared and geometry agree by design; absent when none.",
            ("place", "period", "agreement"),
            [
                ((place, period, agreement), count)
                for (place, period), counts in self._state.declared.items()
                for agreement, count in counts.items()
            ],
        )
        yield self._gauge(
            "cammon_declared_only_places",
            "Key places covered by declaration alone, in no coverage ratio.",
            ("basis", "period"),
            list(self._state.declared_only.items()),
        )

    def _work(self) -> Iterator[Metric]:
        state = self._state
        yield self._gauge(
            "cammon_incidents_open",
            "Open incidents by what they are about: camera, or a shared switch, recorder, power circuit.",
            ("kind",),
            [((kind,), count) for kind, count in state.incidents.items()],
        )
        probes = CounterMetricFamily(
            "cammon_probes", "Probes since the start, by how they ended.", labels=("site", "kind", "result")
        )
        durations = SummaryMetricFamily(
            "cammon_probe_duration_seconds", "How long probes took.", labels=("site", "kind")
        )
        for kind, count in state.probes.items():
            probes.add_metric((state.site, kind, "ok"), count.ok)
            probes.add_metric((state.site, kind, "fault"), count.faulty)
            durations.add_metric((state.site, kind), count.ok + count.faulty, count.took_s)
        yield probes
        yield durations
        yield self._late_starts()

    def _late_starts(self) -> Metric:
        family = HistogramMetricFamily(
            "cammon_probe_start_lateness_seconds", "How late probes began, since the start.", labels=("site", "kind")
        )
        ends = [*(f"{bound_s:g}" for bound_s in LATE_BOUNDS_S), "+Inf"]
        for kind, late in self._state.lateness.items():
            buckets = list(zip(ends, map(float, accumulate(late.counts)), strict=True))
            family.add_metric((self._state.site, kind), buckets, late.sum_s)
        return family

    def _single(self, name: str, help_text: str, value: float | None) -> Metric:
        return self._gauge(name, help_text, (), [((), value)])

    def _gauge(
        self,
        name: str,
        help_text: str,
        labels: tuple[str, ...],
        samples: Iterable[tuple[tuple[str, ...], float | None]],
    ) -> Metric:
        site = self._state.site
        return _gauge(name, help_text, ("site", *labels), (((site, *values), value) for values, value in samples))


def _bits(mbit_s: float | None) -> float | None:
    return None if mbit_s is None else mbit_s * 1e6


def _gauge(
    name: str, help_text: str, labels: tuple[str, ...], samples: Iterable[tuple[tuple[str, ...], float | None]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for values, value in samples:
        if value is not None:
            family.add_metric(values, float(value))
    return family
