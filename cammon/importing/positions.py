"""The positions of a ledger in the site's coordinates: degrees, zones and offset systems, asked about where mixed."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from cammon.importing.ledgerrows import Line
from cammon.importing.model import Notes, Refused, problem
from cammon.importing.placing import DEGREE_DIGITS, METRE_DIGITS
from cammon.importing.target import Into
from cammon.sitefiles.datums import WGS84, Coordinates, converted, system_named
from cammon.sitefiles.frame import LOCAL, MapFrame, UnknownFrame, frame_of
from cammon.sitefiles.mixing import SWAPPED, Misread, Pin, misread
from cammon.sitefiles.model import Problem, Severity

AUTO, AS_IS = "auto", "asis"
SHOWN_ROWS = 20


def datum_named(text: str, notes: Notes) -> str:
    """`--datum`: a system's name, `auto`, `asis`, or "". Raises Refused."""
    if text in ("", AUTO, AS_IS):
        return text
    try:
        return system_named(text)
    except UnknownFrame as error:
        raise notes.refuse("unknown_datum", "--datum", value=text) from error


def place_lines(lines: Sequence[Line], datum: str, into: Into, notes: Notes, *, dry_run: bool) -> None:
    """Put every line's x and y into the site's system. Raises Refused when systems are mixed and nobody said so."""
    known = [line for line in lines if "x" in line.values and "y" in line.values]
    for line in lines:
        if ("x" in line.values) != ("y" in line.values):
            notes.dropped("half_a_position", line.where)
            line.values.pop("x", None)
            line.values.pop("y", None)
    xy = np.array([(line.values["x"], line.values["y"]) for line in known], dtype=np.float64).reshape(-1, 2)
    if into.crs == LOCAL:
        _place_local(known, xy, datum, notes)
        return
    named = datum if datum not in ("", AUTO, AS_IS) else ""
    own = [line.values.pop("crs", "") for line in known]
    systems = [said or named or _assumed(x, y, into) for said, (x, y) in zip(own, xy, strict=True)]
    if not named:
        silent = [n for n, said in enumerate(own) if not said]
        _ask(known, silent, xy, systems, datum, into, notes, dry_run=dry_run)
    for line, (x, y), system in zip(known, xy, systems, strict=True):
        _place(line, x, y, system, into, notes)


def _place_local(known: Sequence[Line], xy: Coordinates, datum: str, notes: Notes) -> None:
    """On a local map degrees have no place; metres stay as they are."""
    degrees = np.all(np.abs(xy) <= (180.0, 90.0), axis=1) & np.any(xy > 50.0, axis=1)
    far = datum not in ("", AUTO, AS_IS) or bool(len(xy) and degrees.all())
    strangers = [line for line in known if far or line.values.get("crs")]
    if strangers:
        notes.dropped("positions_have_no_place", strangers[0].where, "x, y", rows=len(strangers))
    for line in strangers:
        for column in ("x", "y", "crs"):
            line.values.pop(column, None)


def _assumed(x: float, y: float, into: Into) -> str:
    """What coordinates are that nobody names: degrees are WGS84, the others the site's own."""
    degrees = abs(x) <= 180.0 and abs(y) <= 180.0
    return WGS84 if degrees and not into.geographic else into.crs


def _ask(
    known: Sequence[Line],
    silent: Sequence[int],
    xy: Coordinates,
    systems: list[str],
    datum: str,
    into: Into,
    notes: Notes,
    *,
    dry_run: bool,
) -> None:
    """Look for positions of another system among the rows that name none.

    They are converted with `auto`, kept with `asis` (or in a dry run), else asked about: raises Refused.
    """
    questions = []
    for degrees in (True, False):
        at = [n for n in silent if bool((np.abs(xy[n]) <= 180.0).all()) == degrees]
        for found in _mixed([Pin(str(n), float(xy[n, 0]), float(xy[n, 1])) for n in at], degrees=degrees, into=into):
            members = [int(pin.where) for pin in found.pins]
            if datum == AUTO:
                for n in members:
                    if found.system == SWAPPED:
                        xy[n] = xy[n, ::-1].copy()
                    else:
                        systems[n] = found.system
                _say(found, known, members, "position_converted", notes)
            elif datum == AS_IS or dry_run:
                _say(found, known, members, "mixed_systems", notes)
            else:
                questions.append(_question(found, known, members, notes))
    if questions:
        raise Refused(*questions)


def _params(found: Misread, known: Sequence[Line], members: Sequence[int]) -> dict[str, str | float]:
    rows = ", ".join(str(known[n].row) for n in members[:SHOWN_ROWS])
    more = f" … ({len(members)})" if len(members) > SHOWN_ROWS else ""
    metres = f"{found.metres:,.0f}" if np.isfinite(found.metres) else "?"
    return {"rows": rows + more, "system": found.system, "metres": metres, "count": len(members)}


def _say(found: Misread, known: Sequence[Line], members: Sequence[int], code: str, notes: Notes) -> None:
    take = notes.repaired if code == "position_converted" else notes.note
    take(code, known[members[0]].where, "x, y", **_params(found, known, members))


def _question(found: Misread, known: Sequence[Line], members: Sequence[int], notes: Notes) -> Problem:
    first = known[members[0]]
    shown = f"{first.values['x']:.10g}, {first.values['y']:.10g}"
    return problem(
        Severity.FATAL, notes.file, "mixed_systems", first.where, "x, y", shown, _params(found, known, members)
    )


def _mixed(pins: Sequence[Pin], *, degrees: bool, into: Into) -> list[Misread]:
    """Degrees are compared as longitude and latitude, whatever the site's own system; the others in that."""
    if not pins:
        return []
    if not degrees and into.geographic and (into.site is None or into.site.frame.origin_x == 0.0):
        return []
    shapes, boundary, frame = _known_shapes(into, pins)
    if degrees and not into.geographic:
        middle = np.median(np.array([(pin.x, pin.y) for pin in pins]), axis=0)
        lonlat = frame_of("EPSG:4326", (float(middle[0]), float(middle[1])))

        def across(xy: Coordinates) -> Coordinates:
            return lonlat.to_local(converted(frame.to_map(xy), into.crs, WGS84))

        shapes = [shapely.transform(shape, across) for shape in shapes]
        boundary = None if boundary is None else shapely.transform(boundary, across)
        frame = lonlat
    return misread(pins, shapes, boundary, frame)


def _known_shapes(into: Into, pins: Sequence[Pin]) -> tuple[list[BaseGeometry], BaseGeometry | None, MapFrame]:
    """What the site has to compare with, in local metres, and the frame of that."""
    if into.site is None:
        return [], None, frame_of(into.crs, (pins[0].x, pins[0].y))
    scene = into.site.scene
    shapes = [place.geometry for place in scene.key_places] + [item.footprint for item in scene.obstacles]
    if not shapes and scene.boundary is None:
        shapes = [Point(camera.pose.x, camera.pose.y) for camera in scene.cameras]
    frame = into.site.frame
    if not shapes and scene.boundary is None:
        middle = np.median(np.array([(pin.x, pin.y) for pin in pins]), axis=0)
        frame = frame_of(into.crs, (float(middle[0]), float(middle[1])))
    return shapes, scene.boundary, frame


def _place(line: Line, x: float, y: float, system: str, into: Into, notes: Notes) -> None:
    digits = DEGREE_DIGITS if into.geographic else METRE_DIGITS
    there = converted(np.array([[x, y]]), system, into.crs)[0]
    if not np.isfinite(there).all():
        notes.dropped("outside_system", line.where, "x, y", f"{x:.10g}, {y:.10g}", crs=system)
        line.values.pop("x")
        line.values.pop("y")
        return
    line.values["x"], line.values["y"] = (round(float(value), digits) for value in there)
