"""What machines ask without a login: is cammon alive, and the metrics."""

from flask import Blueprint, Response, abort, jsonify, request

from cammon_web import context
from cammon_web.security import bearer_matches, is_local_caller

service = Blueprint("service", __name__)
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@service.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 while cammon looks as it should, 503 with the cause while it does not. Says nothing of the site."""
    looking = context.desk().looking()
    well = looking.running and not looking.cause
    return jsonify(looking=well, cause=looking.cause), 200 if well else 503


@service.get("/metrics")
def metrics() -> Response:
    """The exposition: open to callers on this machine, by bearer token to others."""
    if not is_local_caller(request):
        _require_token()
    return Response(context.desk().metrics(), content_type=EXPOSITION)


def _require_token() -> None:
    """401 when the caller shows no token, 403 when it shows a wrong one or this site has none."""
    matches = bearer_matches(request, context.desk().metrics_token())
    if matches is None:
        abort(Response(status=401, headers={"WWW-Authenticate": 'Bearer realm="cammon metrics"'}))
    if not matches:
        abort(403)
