"""From the state of a site to its upgrade list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cammon.sitefiles.model import Site
from cammon.trend import Trend
from cammon.upgrades.aging import age_evidence, aged_moves
from cammon.upgrades.blind import blind_moves
from cammon.upgrades.foreseen import days_left, foreseen_moves
from cammon.upgrades.lenses import offers
from cammon.upgrades.model import Coverage, Gain, OpenFault, Upgrade, UpgradeList, Why
from cammon.upgrades.moves import Move, broken_moves, explained_faults
from cammon.upgrades.order import ordered_bundles
from cammon.upgrades.outdated import outdated_moves
from cammon.upgrades.shared import SharedFailure, shared_failures
from cammon.upgrades.table import Pair, Table, fill_table
from cammon.upgrades.trials import design_answers, weights_of
from cammon_coverage.model import Period, Sight
from cammon_probes.model import Fault

UNKNOWN_AGE = "9999"
LAST_PRIORITY = 10**6


@dataclass(frozen=True, slots=True)
class Prospects:
    """What could be done whatever the health: it changes with the site files and the date alone, and is dear.

    `coverage` knows, beside the cameras of the site, every lens that one of the moves brings.
    """

    coverage: Coverage
    outdated: tuple[Move, ...] = ()
    aged: tuple[Move, ...] = ()
    added: tuple[Move, ...] = ()


def prospects(site: Site, coverage: Coverage, today: date) -> Prospects:
    """Replacements and additions for a site as of `today`; `coverage` is that of `site.scene`."""
    bought = offers(site.catalog, today)
    design = design_answers(coverage)
    outdated = tuple(
        replace(move, evidence=move.evidence + age_evidence(site, site.camera(move.subject), today))
        for move in outdated_moves(site, coverage, design, bought)
    )
    added = blind_moves(site, coverage, design, bought)
    for move in (*outdated, *added):
        if move.brings is not None:
            coverage = coverage.added(move.brings)
    return Prospects(coverage, outdated, aged_moves(site, bought, today), added)


def upgrade_list(
    site: Site,
    coverage: Coverage,
    sights: Mapping[str, Sight],
    faults: Mapping[str, Sequence[OpenFault]],
    today: date,
    known: Prospects | None = None,
    trends: Mapping[str, Trend] | None = None,
) -> UpgradeList:
    """The upgrade list of a site as of `today`.

    `sights`: what health leaves of each camera's sight; a camera that is not named works as documented. `faults`: the
    confirmed open faults of each camera. `known`: the prospects, when they have been worked out for this site and day.
    `trends`: what the pictures of cameras are heading for.
    """
    known = known or prospects(site, coverage, today)
    now = {camera.id: sights.get(camera.id, Sight()) for camera in site.scene.cameras}
    shared = shared_failures(site.cameras, faults)
    survivors = _survivors(faults, shared)
    outdated = [replace(move, survives=survivors.get(move.subject, frozenset())) for move in known.outdated]
    moves = [*broken_moves(site, faults, shared), *outdated, *known.added]
    table = fill_table(known.coverage, moves, now, faults, weights_of(site.scene))
    return _listed(site, table, moves, (*foreseen_moves(site, trends or {}, faults), *known.aged), known.coverage)


def _survivors(
    faults: Mapping[str, Sequence[OpenFault]], shared: Sequence[SharedFailure]
) -> dict[str, frozenset[Fault]]:
    """Camera -> the faults that a new camera in its place would have as well, because its switch is dead."""
    return {camera: names for failure in shared for camera, names in explained_faults(failure, faults).items()}


def _listed(site: Site, table: Table, moves: Sequence[Move], later: Sequence[Move], coverage: Coverage) -> UpgradeList:
    by_id = {move.id: move for move in moves}
    rows: list[Upgrade] = []
    done: frozenset[str] = frozenset()
    for bundle in ordered_bundles(table, moves):
        for name in bundle.moves:
            before, done = done, done | {name}
            gained = table.covered(table.places, done) - table.covered(table.places, before)
            others = tuple(by_id[other].subject for other in bundle.moves if other != name)
            rows.append(_row(len(rows) + 1, by_id[name], _gains(site, gained), weighted_share(table, done), others))
    for move in _without_gain(site, coverage, [move for move in moves if move.id not in done], later, done):
        rows.append(_row(len(rows) + 1, move, (), weighted_share(table, done), ()))
    return UpgradeList(tuple(rows), weighted_share(table, frozenset()), site.currency)


def _row(
    rank: int, move: Move, gains: tuple[Gain, ...], cumulative: float | None, together_with: tuple[str, ...]
) -> Upgrade:
    return Upgrade(
        rank=rank,
        action=move.action,
        why=move.why,
        kind=move.kind,
        subject=move.subject,
        name=move.name,
        cameras=move.cameras,
        target_model=move.target_model,
        cost=move.cost,
        evidence=move.evidence,
        gains=gains,
        cumulative=cumulative,
        together_with=together_with,
    )


def _gains(site: Site, pairs: Iterable[Pair]) -> tuple[Gain, ...]:
    places = {place.id: place for place in site.scene.key_places}
    gains = [Gain(place, places[place].name, places[place].priority, period) for place, period in pairs]
    return tuple(sorted(gains, key=lambda gain: (gain.priority, gain.place, gain.period)))


def weighted_share(table: Table, done: frozenset[str]) -> float | None:
    """Priority-weighted share of the key places covered after these moves, the worse of day and night."""
    total = sum(table.weights.values())
    if total <= 0:
        return None
    covered = table.covered(table.places, done)
    return min(table.weight(pair for pair in covered if pair[1] is period) / total for period in Period)


def _without_gain(
    site: Site, coverage: Coverage, left: Sequence[Move], later: Sequence[Move], done: frozenset[str]
) -> list[Move]:
    """What is left though no key place waits for it: broken, soon to be, outdated, aged; then by priority and age."""
    replaced = {move.removeprefix("replace/") for move in done if move.startswith("replace/")}
    kept = [move for move in left if not move.optional and move.subject not in replaced]
    replaced |= {move.subject for move in kept if move.why is Why.OUTDATED}
    order = (Why.BROKEN, Why.FORESEEN, Why.OUTDATED, Why.AGED)
    return sorted(
        [*kept, *(move for move in later if move.subject not in replaced)],
        key=lambda move: (
            order.index(move.why),
            _priority(site, coverage, move),
            days_left(move),
            _since(site, move),
            move.id,
        ),
    )


def _priority(site: Site, coverage: Coverage, move: Move) -> int:
    """The highest priority among the key places that the cameras of a move look at or are said to see."""
    posed = {camera.id for camera in site.scene.cameras}
    seen = {place for camera in move.cameras if camera in posed for place in coverage.places_of(camera)}
    seen.update(place for place, cameras in site.declared.items() if set(cameras) & set(move.cameras))
    return min((place.priority for place in site.scene.key_places if place.id in seen), default=LAST_PRIORITY)


def _since(site: Site, move: Move) -> str:
    """Since when a fault is open, or since when the oldest camera hangs there; unknown comes last."""
    opened = [str(evidence.params["since"]) for evidence in move.evidence if "since" in evidence.params]
    if opened:
        return min(opened)
    installed = [site.camera(camera).installed_on for camera in move.cameras]
    return min((day.isoformat() for day in installed if day is not None), default=UNKNOWN_AGE)
