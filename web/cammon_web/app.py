"""The application: pages, JSON and metrics over one desk."""

import logging
import re
from datetime import timedelta

from flask import Flask, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from cammon_web import context, security, telling
from cammon_web.accounts import accounts, login_manager
from cammon_web.api import api
from cammon_web.desk import Desk
from cammon_web.language import mark as _
from cammon_web.language import say, translations
from cammon_web.pages import pages
from cammon_web.service import service

log = logging.getLogger(__name__)
SESSION_HOURS = 12
"""Slides with every request: a wall screen that refreshes itself stays logged in."""
LARGEST_FORM_BYTES = 64 * 1024
OPEN_ENDPOINTS = frozenset(
    {
        "static",
        "accounts.log_in",
        "accounts.first_login",
        "accounts.choose_language",
        "service.healthz",
        "service.metrics",
    }
)
"""All that answers without a login; every other endpoint, also one added later, asks for it."""

ERRORS = {
    400: _("The form is too old or not from this page: go back, load the page again, and repeat."),
    401: _("Please log in."),
    403: _("You may not do this."),
    404: _("There is no such page, camera or picture."),
    405: _("This address does not take that kind of request."),
    413: _("The form is too large."),
    429: _("Too many tries; wait a minute and try again."),
    500: _("cammon has failed to make this page. The cause stands in its log."),
}


def create_app(
    desk: Desk,
    *,
    secret_key: bytes,
    secure_cookies: bool,
    login_limit: str = "10 per minute",
    refresh_s: float = 5.0,
    trusted_proxies: int = 0,
) -> Flask:
    """The web application over a desk.

    `secure_cookies`: pages are served over TLS. `login_limit`: logins that one address may try. `refresh_s`: how often
    pages renew themselves. `trusted_proxies`: reverse proxies in front whose X-Forwarded-* headers are believed.
    """
    app = Flask(__name__)
    _configure(app, desk, secret_key, secure_cookies)
    context.put_desk(app.extensions, desk)
    telling.equip(app, refresh_s)
    _Babel(app, locale_selector=context.language, default_domain="messages")
    CSRFProtect(app)
    login_manager().init_app(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for blueprint in (accounts(limiter, login_limit), pages, api, service):
        app.register_blueprint(blueprint)
    app.before_request(_require_login)
    app.after_request(_with_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _broken)
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=trusted_proxies
        )
    return app


class _PoDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's catalogue is cammon's own, read from the .po file."""

    def get_translations(self) -> object:
        """The catalogue of the reader's language."""
        return translations(context.language())


class _Babel(Babel):  # type: ignore[misc]
    domain_instance = _PoDomain()


def _configure(app: Flask, desk: Desk, secret_key: bytes, secure_cookies: bool) -> None:
    app.config.update(
        SECRET_KEY=secret_key,
        # Cookies know no ports: two sites on one host must not log each other out.
        SESSION_COOKIE_NAME="cammon_" + re.sub(r"[^A-Za-z0-9_-]", "_", desk.site().id),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        # Pages send no referrer, so there is none to compare over TLS; token and SameSite stand.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _require_login() -> ResponseReturnValue | None:
    """No endpoint answers without a login unless it stands in OPEN_ENDPOINTS."""
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS or context.person():
        return None
    if _for_machines() or request.method != "GET":
        return _error_page(401)
    if context.desk().first_login_pending():
        return redirect(url_for("accounts.first_login"))
    return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")))


def _with_headers(response: Response) -> Response:
    secure = bool(request.is_secure)
    return security.with_headers(response, secure, cacheable=request.endpoint == "static")


def _for_machines() -> bool:
    return request.path.startswith(("/api/", "/metrics", "/healthz"))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()
    return _error_page(error.code or 500)


def _error_page(code: int) -> ResponseReturnValue:
    message = ERRORS.get(code, ERRORS[400])
    sentence = say(message, context.language())
    if _for_machines():
        return jsonify(error=sentence, status=code), code
    return render_template("error.html", code=code, sentence=sentence), code


def _broken(error: Exception) -> ResponseReturnValue:
    """A fault of ours: the traceback to the log, one sentence to the reader, nothing asked of the desk any more."""
    log.error("page %s failed", request.path, exc_info=error)
    language = context.language_without_desk()
    sentence = say(ERRORS[500], language)
    if _for_machines():
        return jsonify(error=sentence, status=500), 500
    page = current_app.jinja_env.get_template("broken.html")  # not render_template: that asks the desk
    return page.render(sentence=sentence, language=language), 500
