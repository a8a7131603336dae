"""`--layers`: what each layer of a drawing holds, and how high it stands."""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cammon.importing.model import FENCE, Notes
from cammon.sitefiles.cells import NUMBER
from cammon.sitefiles.sitemap import KINDS

ELEVATION, THICKNESS = "elevation", "thickness"
WORDS = (ELEVATION, THICKNESS)
NEXT_LAYER = re.compile(r",(?=[^,=]+=)")
Height = float | str
"""Metres above the ground, or the word that says where in the drawing the figure stands."""


@dataclass(frozen=True, slots=True)
class LayerRule:
    """One layer: its name (or a pattern with * and ?), the kind of its shapes, and their heights where none is drawn.

    `base` and `top` are the lower and upper end; of a mounting place `top` is its height.
    """

    layer: str
    kind: str
    base: Height | None = None
    top: Height | None = None

    def matches(self, layer: str) -> bool:
        """Layer names have no case."""
        return fnmatch.fnmatchcase(layer.lower(), self.layer.lower())


def layer_rules(texts: Iterable[str], notes: Notes) -> tuple[LayerRule, ...]:
    """LAYER=KIND[:base,top][,...] as rules. Raises Refused."""
    rules = [_rule(part, notes) for text in texts for part in NEXT_LAYER.split(text) if part.strip(" ,")]
    if not rules:
        raise notes.refuse("no_layers")
    return tuple(rules)


def _rule(text: str, notes: Notes) -> LayerRule:
    layer, mark, rest = text.strip(" ,").rpartition("=")
    kind, _, heights = rest.partition(":")
    if not mark or not layer.strip() or kind.strip() not in (*KINDS, FENCE):
        raise notes.refuse("bad_layer_rule", "--layers", value=text)
    parts = [_height(part, text, notes) for part in heights.split(",") if part.strip()]
    if len(parts) > 2:
        raise notes.refuse("bad_layer_rule", "--layers", value=text)
    base, top = (None, *parts) if len(parts) == 1 else (*parts, None, None)[:2]
    if isinstance(base, float) and isinstance(top, float) and base >= top:
        raise notes.refuse("layer_heights_swapped", "--layers", value=text)
    return LayerRule(layer.strip(), kind.strip(), base, top)


def _height(text: str, whole: str, notes: Notes) -> Height:
    bare = text.strip().lower()
    if bare in WORDS:
        return bare
    if not NUMBER.fullmatch(bare) or abs(float(bare)) > 1000.0:
        raise notes.refuse("bad_layer_rule", "--layers", value=whole)
    return float(bare)


def rule_of(layer: str, rules: Iterable[LayerRule]) -> LayerRule | None:
    """The first rule that names this layer."""
    return next((rule for rule in rules if rule.matches(layer)), None)


def check_layers(rules: Iterable[LayerRule], used: Mapping[str, int], known: Iterable[str], notes: Notes) -> None:
    """Refuse a layer that is not there, with the layers that are; a layer that holds nothing is only said."""
    names = {*used, *known}
    for rule in rules:
        if not any(rule.matches(name) for name in names):
            ordered = sorted(used, key=lambda name: (-used[name], name)) or sorted(names)
            there = ", ".join(f"{name} ({used.get(name, 0)})" for name in ordered[:MOST_SHOWN])
            more = f", … ({len(ordered)})" if len(ordered) > MOST_SHOWN else ""
            raise notes.refuse("no_such_layer", "--layers", value=rule.layer, layers=there + more)
        if not any(rule.matches(name) for name in used):
            notes.note("layer_empty", "--layers", value=rule.layer)


MOST_SHOWN = 40


def heights(rule: LayerRule, elevation: float, thickness: float) -> dict[str, object]:
    """The heights of one shape in metres, under the names of its kind: what is drawn goes before what the rule says.

    A thickness is drawn height; an elevation counts only where the rule says so, because on most plans it is the
    height above the sea.
    """
    base = elevation if rule.base == ELEVATION else rule.base if isinstance(rule.base, float) else None
    if rule.top == ELEVATION:
        top: float | None = elevation
    elif thickness != 0.0:
        low = base or 0.0
        base, top = (low, low + thickness) if thickness > 0 else (low + thickness, low)
    else:
        top = rule.top if isinstance(rule.top, float) else None
    low_name, high_name = HEIGHT_NAMES.get(rule.kind, ("", ""))
    named = {low_name: base, high_name: top}
    return {name: value for name, value in named.items() if name and value is not None}


HEIGHT_NAMES = {
    "obstacle": ("base_m", "top_m"),
    "key_place": ("z0_m", "z1_m"),
    FENCE: ("z0_m", "z1_m"),
    "mounting_place": ("", "height_m"),
}
