"""Which remedy a fault asks for. One more fault: one more line."""

from collections.abc import Collection, Mapping

from cammon.upgrades.model import Action
from cammon_probes.model import Fault

REMEDIES: Mapping[Fault, Action] = {
    Fault.COVERED: Action.CLEAN,
    Fault.PARTIAL: Action.CLEAN,
    Fault.LOW_CONTRAST: Action.CLEAN,
    Fault.BLUR: Action.REFOCUS,
    Fault.MOVED: Action.RE_AIM,
}
"""Every other fault asks for a repair, which may be no more than a new password or a setting."""

_WEIGHT = (Action.CLEAN, Action.REFOCUS, Action.RE_AIM, Action.REPAIR)


def remedy(fault: Fault) -> Action:
    """What a crew does about this fault."""
    return REMEDIES.get(fault, Action.REPAIR)


def remedy_of_all(faults: Collection[Fault]) -> Action:
    """The heaviest of the remedies that these faults ask for; it names the visit."""
    return max((remedy(fault) for fault in faults), key=_WEIGHT.index)


def cost_of_all(faults: Collection[Fault], cost: Mapping[str, float]) -> float:
    """What one visit costs that ends all of these faults.

    A repair hands the camera back clean, sharp and aimed, so the lighter remedies cost nothing beside it.
    """
    needed = {remedy(fault) for fault in faults}
    if Action.REPAIR in needed:
        return cost.get(Action.REPAIR, 0.0)
    return sum(cost.get(action, 0.0) for action in needed)
