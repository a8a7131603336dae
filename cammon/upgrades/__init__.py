"""The upgrade list: which repairs, replacements and new cameras bring the key places back, in which order.

Pure: a site, its coverage, the sights of now, the confirmed faults and a date go in; rows come out.
"""

from cammon.upgrades.model import Action, Coverage, Evidence, Gain, OpenFault, Upgrade, UpgradeList, Why
from cammon.upgrades.planning import Prospects, prospects, upgrade_list

__all__ = [
    "Action",
    "Coverage",
    "Evidence",
    "Gain",
    "OpenFault",
    "Prospects",
    "Upgrade",
    "UpgradeList",
    "Why",
    "prospects",
    "upgrade_list",
]
