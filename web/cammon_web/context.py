"""What a view has at hand during one request: the desk, the site, the reader's language, the person, the time."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from flask import current_app, g, request
from flask_login import current_user

from cammon_web.desk import Desk, Looking, SiteView, User
from cammon_web.language import LANGUAGES, SOURCE_LANGUAGE, known_language, preferred_language

LANGUAGE_COOKIE = "cammon_language"
_DESK = "cammon_desk"


def put_desk(extensions: dict[str, object], desk: Desk) -> None:
    """Give an application its desk."""
    extensions[_DESK] = desk


def desk() -> Desk:
    """The desk of this application."""
    return cast(Desk, current_app.extensions[_DESK])


def site() -> SiteView:
    """The site, asked once a request."""
    if "site" not in g:
        g.site = desk().site()
    return cast(SiteView, g.site)


def looking() -> Looking:
    """Whether cammon looks, asked once a request."""
    if "looking" not in g:
        g.looking = desk().looking()
    return cast(Looking, g.looking)


def now() -> datetime:
    """The desk's time, one instant for the whole page."""
    return looking().at


def language() -> str:
    """The reader's language: chosen, else the browser's, else the site's."""
    if "language" not in g:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        g.language = chosen if chosen in LANGUAGES else preferred_language(_accepted(), site().language)
    return cast(str, g.language)


def language_without_desk() -> str:
    """The reader's language when the desk cannot be asked: a page about a broken cammon must not break."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return known_language(chosen, preferred_language(_accepted(), SOURCE_LANGUAGE))


def _accepted() -> list[str]:
    return [tag for tag, _quality in request.accept_languages]


def person() -> User | None:
    """Who is logged in, None when nobody."""
    return cast(User, current_user.user) if current_user.is_authenticated else None


def names() -> Mapping[str, str]:
    """Names by id of everything that a reason can speak of; the map is asked only when cameras and places do not do."""
    if "names" not in g:
        g.names = _Names()
    return cast(Mapping[str, str], g.names)


class _Names(dict[str, str]):
    """Grows by cameras, then by places, then by what stands on the map, as far as somebody asks."""

    def __init__(self) -> None:
        super().__init__()
        self._sources = [_camera_names, _place_names, _map_names]

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        """The name of an id, `default` when nothing has that id."""
        while key not in self and self._sources:
            self.update(self._sources.pop(0)())
        return super().get(key) or default


def _camera_names() -> dict[str, str]:
    return {camera.id: camera.name for camera in desk().cameras()}


def _place_names() -> dict[str, str]:
    return {place.id: place.name for place in desk().places()}


def _map_names() -> dict[str, str]:
    view = desk().map()
    return {shape.id: shape.name for shape in view.shapes if shape.name} if view else {}
