"""The application door's routes, in their first form: readiness and metrics; the front answers /healthz."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException

from ingress.api.gauges import WalkGauges
from ingress.api.problems import of_status, problem
from ingress.exposition import exposition
from ingress.front import TOO_LARGE
from ingress.wsgi import Answer
from shared.errors import CarelaneError
from shared.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the door works with; `database_answers` and `status` raise CarelaneError when PostgreSQL does not answer."""

    database_answers: Callable[[], None]
    status: Callable[[], Status]
    registry: CollectorRegistry


def create_app(door: Door) -> Flask:
    app = Flask(__name__, static_folder=None)

    def ready() -> dict[str, bool] | Response:
        try:
            door.database_answers()
        except CarelaneError:
            return _response(problem("NOT_READY"))
        return {"ready": True}

    def metrics() -> Response:
        return _response(exposition(door.registry, WalkGauges(_status(door))))

    for path, view in {"/readyz": ready, "/metrics": metrics}.items():
        app.add_url_rule(path, view_func=view, methods=["GET"])
    app.before_request(_refuse_what_was_too_large)
    app.register_error_handler(HTTPException, _tell)
    app.register_error_handler(Exception, _fail)
    return app


def _status(door: Door) -> Status | None:
    try:
        return door.status()
    except CarelaneError:
        return None


def _refuse_what_was_too_large() -> Response | None:
    return _response(problem("BODY_TOO_LARGE")) if request.environ.get(TOO_LARGE) else None


def _tell(error: HTTPException) -> Response:
    response = _response(of_status(error.code or 500))
    # A redirect's place or the methods allowed; the rest of werkzeug's headers describe its own page.
    for name, value in error.get_headers():
        if name.lower() in {"allow", "location"}:
            response.headers[name] = value
    return response


def _fail(_error: Exception) -> Response:
    structlog.get_logger(__name__).exception("a request failed", action="api.failed")
    return _response(problem("PROCESSING_ERROR"))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)
