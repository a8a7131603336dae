"""The map as an SVG file of its own: styles inside, no links, readable without cammon."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from cammon_web import figures, words
from cammon_web.desk import MapView
from cammon_web.language import translations
from cammon_web.mapdraw import WIDE_PX, draw

STYLE = Path(__file__).parent / "static" / "map.css"


def standalone_svg(view: MapView, language: str) -> str:
    """The whole map as the text of an SVG file."""
    drawing = draw(view, losses_only=False)
    environment = Environment(
        loader=PackageLoader("cammon_web"), autoescape=True, trim_blocks=True, extensions=["jinja2.ext.i18n"]
    )
    environment.filters.update(_filters(view, language))
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template("standalone_map.html").render(
        drawing=drawing,
        width_px=round(WIDE_PX),
        height_px=round(drawing.height / drawing.unit),
        style=Markup(STYLE.read_text("utf-8")),  # noqa: S704 - our own file
    )


def _filters(view: MapView, language: str) -> dict[str, Callable[..., str]]:
    names = {shape.id: shape.name for shape in view.shapes if shape.name}
    return {
        "health_name": lambda state: words.health_name(state, language),
        "place_state_name": lambda state: words.place_state_name(state, language),
        "sentence": lambda reason: words.reason_sentence(reason, language, names),
        "number": figures.number,
    }
