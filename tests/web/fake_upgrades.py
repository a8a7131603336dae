"""The upgrade list of the fake mine."""

from datetime import timedelta

from cammon_coverage.model import Period, Reason, ReasonCode
from cammon_web.desk import Gain, PlaceState, UpgradeRow
from tests.web.fake_site import BY_ID

WEIGHTS = {1: 4.0, 2: 2.0, 3: 1.0}


def upgrade_rows(desk, start: float, all_weight: float) -> list[UpgradeRow]:
    """A repair or a cleaning for each fault, then a new camera."""
    actions = {"black": "repair", "unreachable": "repair", "blur": "clean"}
    rows = []
    for camera_id, broken in sorted(desk.broken.items()):
        if broken.fault not in actions:
            continue
        gains = [
            p
            for p in desk.places()
            if p.cameras and camera_id == p.cameras[-1].id and p.state is not PlaceState.COVERED
        ]
        start = min(1.0, start + sum(WEIGHTS[p.priority] for p in gains) / all_weight)
        since = desk.at - timedelta(minutes=broken.minutes)
        evidence = ("fault", {"fault": broken.fault, "since": since.isoformat()})
        rows.append(
            UpgradeRow(
                len(rows) + 1, actions[broken.fault], "broken", camera_id, desk.named(BY_ID[camera_id].name), "",
                150.0 if broken.fault == "blur" else 600.0, "CNY", (evidence,),
                tuple(Gain(p.id, p.name, p.priority, Period.DAY) for p in gains), start,
            )
        )  # fmt: skip
    add = Reason(ReasonCode.NO_CAMERA_IN_RANGE)
    gain = Gain("KP-17", desk.named("南围墙 South fence"), 3, Period.NIGHT)
    rows.append(
        UpgradeRow(
            len(rows) + 1, "add", "blind", "M-03", desk.named("三号灯杆 Lamp post 3"), "DS-2CD3T86", 5000.0, "CNY",
            (add,), (gain,), min(1.0, start + 1 / all_weight), "mounting_place",
        )
    )  # fmt: skip
    return rows
