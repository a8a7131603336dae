"""The pages: each view fetches from the desk what its template shows."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cammon_web import context
from cammon_web.curve import curve_of
from cammon_web.desk import Role, User
from cammon_web.exports import upgrades_csv
from cammon_web.findingwords import LEDGER_POSE
from cammon_web.language import mark as _
from cammon_web.language import say
from cammon_web.mapdraw import Drawing, draw
from cammon_web.security import local_path

pages = Blueprint("pages", __name__)
LONGEST_NOTE = 500
MOST_ACKNOWLEDGED = 1000
MOST_VIEWS = 24
MAY_ACKNOWLEDGE = frozenset({Role.OPERATOR, Role.ADMIN})


def logged_in() -> User:
    """The person that asks; views behind the login always have one."""
    return context.person() or abort(401)


@pages.get("/")
def status() -> str:
    """The first screen."""
    return render_template("status.html", status=context.desk().status(), drawing=_drawing(losses_only=True))


@pages.get("/map")
def map_page() -> str:
    """The whole map."""
    return render_template("map.html", drawing=_drawing(losses_only=False))


def _drawing(losses_only: bool) -> Drawing | None:
    view = context.desk().map()
    return draw(view, losses_only) if view else None


@pages.get("/cameras")
def cameras() -> str:
    """All cameras, worst first."""
    return render_template("cameras.html", cameras=context.desk().cameras())


@pages.get("/cameras/<path:camera_id>")
def camera(camera_id: str) -> str:
    """One camera."""
    found = context.desk().camera(camera_id) or abort(404)
    return render_template("camera.html", camera=found)


@pages.get("/places")
def places() -> str:
    """All key places, worst first."""
    return render_template("places.html", places=context.desk().places(), period=context.desk().status().period)


@pages.get("/upgrades")
def upgrades() -> str:
    """The upgrade list under its curve."""
    rows, now = context.desk().upgrades(), context.desk().status()
    return render_template("upgrades.html", rows=rows, curve=curve_of(now.ratios, rows), unconfirmed=now.unconfirmed)


@pages.get("/upgrades.csv")
def upgrades_as_csv() -> Response:
    """The upgrade list for a spreadsheet."""
    context.desk().record_view(logged_in(), "upgrades.csv")
    text = upgrades_csv(context.desk().upgrades(), context.language(), context.names(), context.site().time_zone)
    answer = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=cammon-upgrades.csv"
    return answer


@pages.get("/site-files")
def site_files() -> str:
    """What was set aside in the site files, with the remedies."""
    return render_template("site_files.html", problems=context.desk().problems(context.language()))


@pages.get("/pictures/<picture_id>")
def picture(picture_id: str) -> Response:
    """One stored picture, for a person who is logged in now; every look goes to the audit trail."""
    found = context.desk().picture(picture_id) or abort(404)
    context.desk().record_view(logged_in(), f"picture {picture_id} of {found.camera}")
    answer = Response(found.jpeg, mimetype="image/jpeg")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    answer.headers["Content-Disposition"] = "inline; filename=picture.jpg"
    return answer


@pages.post("/incidents/acknowledge")
def acknowledge() -> BaseResponse:
    """Put a name and a note on one or more open incidents."""
    user = logged_in()
    if user.role not in MAY_ACKNOWLEDGE:
        abort(403)
    back = redirect(local_path(request.form.get("back")))
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    if not note:
        flash(say(_("A note is needed: who does what about it?"), context.language()))
        return back
    done = [context.desk().acknowledge(incident, user, note) for incident in _incidents()]
    if not done or not all(done):
        abort(404)
    flash(say(_("Acknowledged."), context.language()))
    return back


@pages.post("/cameras/<camera_id>/accept-device")
def accept_device(camera_id: str) -> BaseResponse:
    """The device or firmware was changed on purpose: what answers now is right."""
    user = logged_in()
    if user.role not in MAY_ACKNOWLEDGE:
        abort(403)
    if not context.desk().accept_device(camera_id, user):
        abort(404)
    flash(say(_("Accepted. The next look closes the incident."), context.language()))
    return redirect(url_for("pages.camera", camera_id=camera_id))


@pages.post("/cameras/<camera_id>/accept-view")
def accept_view(camera_id: str) -> BaseResponse:
    """The view was changed on purpose, or a fault is none: the picture shows how it should look."""
    user = logged_in()
    if user.role not in MAY_ACKNOWLEDGE:
        abort(403)
    before = context.desk().camera(camera_id)
    if before is None or not context.desk().accept_view(camera_id, user):
        abort(404)
    flash(say(_("Accepted: this is how the camera should look. The next looks compare with it."), context.language()))
    if before.row.has_pose and ("moved" in before.row.faults or "not_at_home" in before.notes):
        flash(say(LEDGER_POSE, context.language()))
    return redirect(url_for("pages.camera", camera_id=camera_id))


@pages.post("/cameras/<camera_id>/ledger-is-right")
def ledger_is_right(camera_id: str) -> BaseResponse:
    """The accepted view is the one that the ledger describes: no turn, or the ledger had it already."""
    user = logged_in()
    if user.role not in MAY_ACKNOWLEDGE:
        abort(403)
    if not context.desk().ledger_is_right(camera_id, user):
        abort(404)
    flash(say(_("Taken as right: with its next picture the camera counts again."), context.language()))
    return redirect(url_for("pages.camera", camera_id=camera_id))


@pages.get("/first-views")
def first_views() -> str:
    """The good pictures that nobody has confirmed yet, so many cameras at a time."""
    waiting = context.desk().first_views()
    return render_template("first_views.html", views=waiting[:MOST_VIEWS], waiting=len(waiting))


@pages.post("/first-views")
def confirm_views() -> BaseResponse:
    """The good pictures of these cameras show all that they should."""
    user = logged_in()
    if user.role not in MAY_ACKNOWLEDGE:
        abort(403)
    chosen = request.form.getlist("camera")[:MOST_VIEWS]
    done = sum(context.desk().confirm_view(camera_id, user) for camera_id in chosen)
    if not chosen:
        flash(say(_("Tick the cameras whose pictures show all that they should."), context.language()))
    elif done:
        flash(say(_("Confirmed: %(count)s"), context.language(), count=done))
    return redirect(url_for("pages.first_views"))


def _incidents() -> Sequence[int]:
    return request.form.getlist("incident", type=int)[:MOST_ACKNOWLEDGED]
