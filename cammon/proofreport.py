"""How far the coverage of a site is proven: rows, their JSON, and the table that says which cameras to calibrate next.

The shapes are documented in docs/proof.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from multiprocessing import get_context
from typing import Any

from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.draws import Deviations, PoseGrade, Trust
from cammon_coverage.engine import CoverageModel
from cammon_coverage.margin import Margin, Quantity
from cammon_coverage.model import Basis, Period, Sight
from cammon_coverage.proof import Proof, Prover

Json = dict[str, Any]
Progress = Callable[[int, int], None]
Sights = Mapping[str, Sight]

CERTAIN = 0.95
"""A place that stays covered in fewer draws than this hangs on a pose that should be calibrated."""


@dataclass(frozen=True, slots=True)
class ProofRow:
    """The proof of one covered place on one basis and in one period, with the name that people use for it."""

    basis: Basis
    period: Period
    name: str
    proof: Proof


def trust_of(
    site: Site,
    own: Mapping[str, Deviations] | None = None,
    by_grade: Mapping[PoseGrade, Deviations] | None = None,
) -> dict[str, Trust]:
    """The grade and deviations of every camera. `own`: what goes before the deviations that stand in the ledger;
    `by_grade`: what goes before those of site.toml."""
    given = site.deviations if by_grade is None else by_grade
    found = {}
    for camera in site.cameras:
        grade = PoseGrade(camera.pose_grade)
        deviations = _written(camera, Trust.by_grade(grade, given).deviations)
        found[camera.id] = Trust(grade, (own or {}).get(camera.id, deviations))
    return found


def _written(camera: LedgerCamera, of_grade: Deviations) -> Deviations:
    """What the ledger says of this camera (a calibration has written it); those of the grade where it says nothing."""
    written = (camera.azimuth_sd_deg, camera.tilt_sd_deg, camera.hfov_sd_pct)
    if None not in written:
        of_grade = replace(of_grade, roll_deg=0.0)  # a calibration solves for roll too
    return replace(
        of_grade,
        azimuth_deg=of_grade.azimuth_deg if camera.azimuth_sd_deg is None else camera.azimuth_sd_deg,
        tilt_deg=of_grade.tilt_deg if camera.tilt_sd_deg is None else camera.tilt_sd_deg,
        hfov_share=of_grade.hfov_share if camera.hfov_sd_pct is None else camera.hfov_sd_pct / 100,
    )


def deviations_object(site: Site) -> Json:
    """`pose_deviations`: grade -> standard deviations, as site.toml has them."""
    return {
        grade.value: {
            "azimuth_sd_deg": one.azimuth_deg,
            "tilt_sd_deg": one.tilt_deg,
            "roll_sd_deg": one.roll_deg,
            "hfov_sd_pct": round(100 * one.hfov_share, 6),
        }
        for grade, one in site.deviations.items()
    }


def proof_rows(
    site: Site,
    model: CoverageModel,
    sights: Sights | None = None,
    *,
    draws: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
    trust: Mapping[str, Trust] | None = None,
    workers: int = 1,
) -> tuple[ProofRow, ...]:
    """The proofs of all covered places, by design and (given sights) now, by day and by night.

    `progress(done, of)` is called after every place. With more than one worker the places are shared among processes
    that are started anew, so the calling program must be one that can be imported.
    """
    asked = _Asked(model, trust_of(site) if trust is None else trust, sights, draws, seed)
    names = {place.id: place.name for place in site.scene.key_places}
    tasks = list(asked.tasks())
    rows = []
    for done, (task, proof) in enumerate(zip(tasks, _worked_out(asked, tasks, workers), strict=True), start=1):
        if proof is not None:
            rows.append(ProofRow(task[0], task[1], names[task[2]], proof))
        if progress is not None:
            progress(done, len(tasks))
    return tuple(rows)


Task = tuple[Basis, Period, str]


@dataclass(frozen=True)
class _Asked:
    """What a worker needs to know. Values only: it travels to other processes."""

    model: CoverageModel
    trust: Mapping[str, Trust]
    sights: Sights | None
    draws: int
    seed: int

    def sights_on(self, basis: Basis) -> Sights | None:
        return self.sights if basis is Basis.EFFECTIVE else None

    def tasks(self) -> Iterator[Task]:
        """The covered places, basis by basis and period by period."""
        for basis in Basis if self.sights is not None else (Basis.DESIGN,):
            for period in Period:
                verdicts = self.model.verdicts(self.sights_on(basis), period)
                yield from ((basis, period, place) for place, covered in verdicts.items() if covered)

    def prover(self, basis: Basis, period: Period) -> Prover:
        return Prover(self.model, self.trust, period, self.sights_on(basis), draws=self.draws, seed=self.seed)


class _Worker:
    """Answers tasks, keeping the prover of each basis and period."""

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._provers: dict[tuple[Basis, Period], Prover] = {}

    def __call__(self, task: Task) -> Proof | None:
        basis, period, place = task
        if (basis, period) not in self._provers:
            self._provers[basis, period] = self._asked.prover(basis, period)
        return self._provers[basis, period].proof(place)


_workers: list[_Worker] = []
"""The one worker of a process of the pool."""


def _begin_worker(asked: _Asked) -> None:
    _workers[:] = [_Worker(asked)]


def _in_worker(task: Task) -> Proof | None:
    return _workers[0](task)


def _worked_out(asked: _Asked, tasks: Sequence[Task], workers: int) -> Iterator[Proof | None]:
    if workers <= 1 or len(tasks) <= 1:
        yield from map(_Worker(asked), tasks)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker, (asked,)) as pool:
        yield from pool.map(_in_worker, tasks, chunksize=max(1, len(tasks) // (8 * workers)))


def as_object(proof: Proof | None) -> Json | None:
    """`{grade, margin, confidence}`; None for a place that is not covered."""
    if proof is None:
        return None
    return {"grade": proof.grade.value, "margin": _margin_object(proof.margin), "confidence": proof.confidence}


def _margin_object(margin: Margin | None) -> Json | None:
    if margin is None:
        return None
    return {
        "camera": margin.camera,
        "quantity": margin.quantity.value,
        "change": margin.change,
        "unit": "share" if margin.quantity is Quantity.HFOV else "deg",
        "deviations": margin.deviations,
    }


def as_objects(rows: Sequence[ProofRow]) -> dict[str, Json]:
    """Place id -> `proof` (by design, by day) and the same under `design` and `effective` by period.

    Places without any proof are left out; what is missing under a place is None.
    """
    found: dict[str, Json] = {}
    for row in rows:
        if row.proof.place not in found:
            found[row.proof.place] = {
                "proof": None,
                **{basis.value: {period.value: None for period in Period} for basis in Basis},
            }
        one = as_object(row.proof)
        found[row.proof.place][row.basis.value][row.period.value] = one
        if (row.basis, row.period) == (Basis.DESIGN, Period.DAY):
            found[row.proof.place]["proof"] = one
    return found


WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "design": "design",
        "effective": "effective",
        "day": "day",
        "night": "night",
        "declared": "declared",
        "ledger": "ledger",
        "calibrated": "calibrated",
        "walked": "walked",
        "azimuth": "azimuth",
        "tilt": "tilt",
        "hfov": "field of view",
        "head": "Proof of the covered places, the least certain first: confidence, pose grade, smallest change that "
        "uncovers it",
        "none": "no single change uncovers it",
        "margin": "{camera} {quantity} {change} ({deviations:.1f} standard deviations)",
        "next": "Calibrate next: {cameras}",
        "camera": "{camera} (places: {places})",
        "between": ", ",
        "nothing": "No covered place, nothing to prove.",
        "certain": "Every covered place stays covered in {certain:.0%} of the draws or more.",
    },
    "zh": {
        "design": "设计",
        "effective": "实际",
        "day": "白天",
        "night": "夜间",
        "declared": "挂接",
        "ledger": "台账",
        "calibrated": "标定",
        "walked": "走测",
        "azimuth": "方位角",
        "tilt": "俯仰角",
        "hfov": "水平视场角",
        "head": "已覆盖重点部位的位姿证明（最不确定的在前）：置信度、位姿等级、使其失去覆盖的最小偏差",
        "none": "任何单一偏差都不会使其失去覆盖",
        "margin": "{camera} {quantity} {change}（{deviations:.1f} 倍标准差）",
        "next": "下一步标定：{cameras}",
        "camera": "{camera}（涉及部位 {places} 个）",
        "between": "、",
        "nothing": "没有已覆盖的重点部位，无须证明。",
        "certain": "所有已覆盖部位在 {certain:.0%} 以上的抽样中保持覆盖。",
    },
}


def as_table(rows: Sequence[ProofRow], language: str) -> str:
    """One line per place, at its weakest basis and period; the least certain places first, then whom to calibrate."""
    said = WORDS.get(language, WORDS["en"])
    if not rows:
        return said["nothing"]
    weakest = marginal_first(rows)
    return "\n".join([said["head"], *(_line(row, said) for row in weakest), "", _advice(weakest, said)])


def marginal_first(rows: Sequence[ProofRow]) -> list[ProofRow]:
    """The weakest row of each place, the least certain place first."""
    by_place = sorted(rows, key=lambda row: (row.proof.place, *_strength(row)))
    weakest = [next(own) for _, own in groupby(by_place, key=lambda row: row.proof.place)]
    return sorted(weakest, key=_strength)


def calibrate_next(rows: Sequence[ProofRow]) -> list[tuple[str, int]]:
    """The cameras on whose pose uncertain places hang, with how many; the one with most first."""
    margins = [row.proof.margin for row in marginal_first(rows) if row.proof.confidence < CERTAIN]
    counted = Counter(margin.camera for margin in margins if margin is not None)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _strength(row: ProofRow) -> tuple[float, float, str]:
    margin = row.proof.margin
    return row.proof.confidence, float("inf") if margin is None else margin.deviations, row.proof.place


def _line(row: ProofRow, said: Mapping[str, str]) -> str:
    proof = row.proof
    where = f"{said[row.basis.value]} {said[row.period.value]}"
    margin = said["none"] if proof.margin is None else _margin_words(proof.margin, said)
    return f"{proof.confidence:6.1%}  {proof.place}  {row.name}  {where}  {said[proof.grade.value]}  {margin}"


def _margin_words(margin: Margin, said: Mapping[str, str]) -> str:
    share = margin.quantity is Quantity.HFOV
    change = f"{margin.change * 100:+.1f} %" if share else f"{margin.change:+.1f}°"
    return said["margin"].format(
        camera=margin.camera, quantity=said[margin.quantity.value], change=change, deviations=margin.deviations
    )


def _advice(rows: Sequence[ProofRow], said: Mapping[str, str]) -> str:
    cameras = [said["camera"].format(camera=camera, places=places) for camera, places in calibrate_next(rows)]
    if not cameras:
        return said["certain"].format(certain=min(row.proof.confidence for row in rows))
    return said["next"].format(cameras=said["between"].join(cameras))
