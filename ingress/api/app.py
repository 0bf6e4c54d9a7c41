"""The application door's routes: the table of calls, readiness and metrics; the front answers /healthz."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client.registry import Collector
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter

from ingress.api import access, openapi, page, request_traces, requests
from ingress.api.gauges import WalkGauges
from ingress.api.metrics import Metrics
from ingress.api.problems import Problem, of_status, problem
from ingress.api.resources import RESOURCES, TOLD
from ingress.api.serving import document, respond, view_of
from ingress.api.workings import Workings
from ingress.exposition import exposition
from ingress.front import BEGAN, TOO_LARGE
from shared.errors import CarelaneError
from shared.status import Status

# They are asked by machines every few seconds, and would drown the calls in the figures.
_PROBES = ("ready", "metrics")


class Whole(PathConverter):
    """All the rest of a path, with its line breaks too: what is asked about anybody has an answer."""

    regex = "(?s:[^/].*?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the door works with; `database_answers` and `status` raise CarelaneError when PostgreSQL does not answer."""

    database_answers: Callable[[], None]
    status: Callable[[], Status]
    metrics: Metrics
    gauges: Callable[[Status | None], Sequence[Collector]] = lambda _: ()
    workings: Workings | None = None


def create_app(door: Door) -> Flask:
    """Without `workings` the door has health and metrics alone."""
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["whole"] = Whole

    def ready() -> dict[str, bool] | Response:
        try:
            door.database_answers()
        except CarelaneError:
            return respond(problem("NOT_READY"))
        return {"ready": True}

    def metrics() -> Response:
        found = _status(door)
        return respond(exposition(door.metrics.registry, WalkGauges(found), *door.gauges(found)))

    for path, view in {"/readyz": ready, "/metrics": metrics}.items():
        app.add_url_rule(path, view_func=view, methods=["GET"])
    if door.workings is not None:
        _add_calls(app, door.workings)
        _add_documents(app)
    app.before_request(_name_request)
    app.before_request(_refuse_what_was_too_large)
    app.after_request(_tell_request)
    app.after_request(lambda response: _count(door.metrics, response))
    app.teardown_request(request_traces.end)
    app.register_error_handler(HTTPException, _tell)
    app.register_error_handler(Exception, _fail)
    return app


def _add_calls(app: Flask, workings: Workings) -> None:
    app.add_url_rule(access.CALL.path, access.CALL.name, access.view_of(workings), methods=["GET"])
    for resource, calls in RESOURCES.items():
        blueprint = Blueprint(resource.replace(" ", "_"), __name__)
        for call in calls:
            blueprint.add_url_rule(call.path, call.name, view_of(call, workings), methods=[call.method])
        app.register_blueprint(blueprint)


def _add_documents(app: Flask) -> None:
    told = openapi.document(TOLD)
    shown = page.html(told)
    app.add_url_rule(page.JSON_PATH, "openapi", lambda: document(told), methods=["GET"])
    app.add_url_rule("/api/docs", "docs", lambda: Response(shown, 200, dict(page.HEADERS)), methods=["GET"])


def _status(door: Door) -> Status | None:
    try:
        return door.status()
    except CarelaneError:
        return None


def _name_request() -> None:
    g.request_id = requests.request_id(request)
    request_traces.begin(request, g.request_id)
    # In the front, where a call may have waited for a thread.
    g.began = request.environ.get(BEGAN, time.monotonic())


def _refuse_what_was_too_large() -> Response | None:
    return respond(Problem("BODY_TOO_LARGE").answer(g.request_id)) if request.environ.get(TOO_LARGE) else None


def _tell_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _count(metrics: Metrics, response: Response) -> Response:
    name = (request.endpoint or "").rpartition(".")[2]  # after the blueprint's
    if name not in _PROBES:
        metrics.answered(name, response.status_code, time.monotonic() - g.began)
    return response


def _tell(error: HTTPException) -> Response:
    response = respond(of_status(error.code or 500))
    # A redirect's place or the methods allowed; the rest of werkzeug's headers describe its own page.
    for name, value in error.get_headers():
        if name.lower() in {"allow", "location"}:
            response.headers[name] = value
    return response


def _fail(_error: Exception) -> Response:
    structlog.get_logger(__name__).exception("a request failed", action="api.failed")
    return respond(Problem("PROCESSING_ERROR").answer(g.request_id))
