"""Who may see the pages: the first login, login, logout, and the reader's language."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_login import LoginManager, login_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from cammon_web import context
from cammon_web.desk import LoginRefused, User
from cammon_web.language import LANGUAGES, say
from cammon_web.language import mark as _
from cammon_web.security import ONE_YEAR_S, local_path

MINIMUM_PASSWORD = 10
LONGEST_FIELD = 200
View = Callable[..., str | BaseResponse | tuple[str, int]]

REFUSED = {
    "wrong": _("Name or password is wrong."),
    "locked": _("Too many failed logins; wait some minutes and try again."),
    "token": _("The one-time token is wrong or used up. It was printed when cammon started."),
    "short": _("The password needs at least %(least)s characters."),
    "different": _("The two passwords differ."),
    "same_as_name": _("The password must not be the name."),
    "no_name": _("A name is needed."),
}


class LoggedIn:
    """A user as Flask-Login wants one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        """What the session holds."""
        return self.user.name


def login_manager() -> LoginManager:
    """The manager that turns the name in a session into a user, as long as the desk still knows the user."""
    manager = LoginManager()

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(name: str) -> LoggedIn | None:
        user = context.desk().user(name)
        return LoggedIn(user) if user else None

    return manager


def accounts(limiter: Limiter, login_limit: str) -> Blueprint:
    """The pages of this file; both forms that take a secret are throttled by the caller's address."""
    pages = Blueprint("accounts", __name__)
    throttled = limiter.shared_limit(login_limit, scope="login", methods=["POST"])
    pages.add_url_rule("/login", view_func=throttled(log_in), methods=["GET", "POST"])
    first = throttled(first_login)
    pages.add_url_rule("/first-login", view_func=first, methods=["GET", "POST"])
    pages.add_url_rule("/first-login/<token>", view_func=first, methods=["GET", "POST"])
    pages.add_url_rule("/logout", view_func=log_out, methods=["POST"])
    pages.add_url_rule("/language/<code>", view_func=choose_language)
    return pages


def log_in() -> str | BaseResponse | tuple[str, int]:
    """The login form, and what comes of it."""
    if context.desk().first_login_pending():
        return redirect(url_for("accounts.first_login"))
    after = local_path(request.values.get("next"))
    if request.method == "GET":
        return redirect(after) if context.person() else render_template("login.html", after=after)
    try:
        user = context.desk().log_in(_field("name"), _field("password"), request.remote_addr or "")
    except LoginRefused as refused:
        return render_template("login.html", after=after, refused=_refusal(refused)), 403
    return _enter(user, after)


def first_login(token: str = "") -> str | BaseResponse | tuple[str, int]:
    """The first administrator: by the token that cammon printed, only while nobody exists."""
    if not context.desk().first_login_pending():
        return redirect(url_for("accounts.log_in"))
    shown = _field("token") or token
    page = {"token": shown, "least": MINIMUM_PASSWORD}
    if request.method == "GET":
        return render_template("first_login.html", **page)
    name, password = _field("name").strip(), _field("password")
    wrong = _weakness(name, password, _field("repeated"))
    if wrong:
        return render_template("first_login.html", refused=_sentence(wrong), name=name, **page), 400
    try:
        user = context.desk().create_first_user(shown.strip(), name, password)
    except LoginRefused as refused:
        code = "locked" if refused.args[:1] == ("locked",) else "token"
        return render_template("first_login.html", refused=_sentence(code), name=name, **page), 403
    return _enter(user, "/")


def log_out() -> BaseResponse:
    """End the session."""
    logout_user()
    session.clear()
    flash(say(_("You are logged out."), context.language()))
    return redirect(url_for("accounts.log_in"))


def choose_language(code: str) -> Response:
    """Remember the reader's language for a year and go back."""
    if code not in LANGUAGES:
        abort(404)
    answer = Response(status=303, headers={"Location": local_path(request.args.get("next"))})
    answer.set_cookie(
        context.LANGUAGE_COOKIE, code, max_age=ONE_YEAR_S, httponly=True, samesite="Lax", secure=_secure()
    )
    return answer


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _field(name: str) -> str:
    return request.form.get(name, "")[:LONGEST_FIELD]


def _weakness(name: str, password: str, repeated: str) -> str | None:
    """The code of what is wrong with a new login, None when it will do."""
    if not name:
        return "no_name"
    if len(password) < MINIMUM_PASSWORD:
        return "short"
    if password != repeated:
        return "different"
    return "same_as_name" if password.casefold() == name.casefold() else None


def _refusal(refused: LoginRefused) -> str:
    code = str(refused.args[0]) if refused.args else "wrong"
    return _sentence(code if code in REFUSED else "wrong")


def _sentence(code: str) -> str:
    return say(REFUSED[code], context.language(), least=MINIMUM_PASSWORD)


def _enter(user: User, after: str) -> BaseResponse:
    """A new session for a user: nothing of the session before the login survives it."""
    session.clear()
    session.permanent = True
    login_user(LoggedIn(user))
    return redirect(after)
