"""The webhook door's routes: each unwraps the request, calls one function, and renders its outcome."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ingress.exposition import exposition
from ingress.front import TOO_LARGE
from ingress.origin import Peer
from ingress.webhook import answers
from ingress.webhook.receive import Delivery, Door, receive
from ingress.wsgi import Answer

PATH = "/api/webhooks/stripe"


def create_app(door: Door) -> Flask:
    app = Flask(__name__, static_folder=None)
    # To Stripe a redirect is a failed delivery.
    app.url_map.merge_slashes = False
    views = Views(door)
    app.add_url_rule(PATH, view_func=views.stripe, methods=["POST"], provide_automatic_options=False)
    for path, view in {"/readyz": views.ready, "/metrics": views.metrics}.items():
        app.add_url_rule(path, view_func=view, methods=["GET"], provide_automatic_options=False)
    app.register_error_handler(HTTPException, views.refuse)
    app.register_error_handler(Exception, views.fail)
    return app


class Views:
    def __init__(self, door: Door) -> None:
        self._door = door

    def stripe(self) -> Response:
        with self._door.metrics.seconds.time():
            outcome = receive(self._door, _delivery())
        self._door.metrics.count(outcome.code)
        return _response(answers.outcome(outcome.code, outcome.event_id))

    def ready(self) -> Response:
        """Whether an event can be kept. What lies behind the queue is no matter: without it events are still kept."""
        if not self._door.ready():
            return _response(answers.refusal("NOT_READY"))
        return _response(answers.document(HTTPStatus.OK, {"ready": True}))

    def metrics(self) -> Response:
        return _response(exposition(self._door.metrics.registry))

    def refuse(self, error: HTTPException) -> Response:
        if not isinstance(error, MethodNotAllowed):
            return _response(answers.refusal("NOT_FOUND"))
        if request.path == PATH:
            self._door.metrics.count("METHOD_NOT_ALLOWED")
        response = _response(answers.refusal("METHOD_NOT_ALLOWED"))
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or []))
        return response

    def fail(self, _error: Exception) -> Response:
        structlog.get_logger(__name__).exception("a request failed", action="webhook.failed")
        self._door.metrics.count("PROCESSING_ERROR")
        return _response(answers.refusal("PROCESSING_ERROR"))


def _delivery() -> Delivery:
    return Delivery(
        encoding=request.headers.get("Content-Encoding", ""),
        signature=request.headers.get("Stripe-Signature"),
        body=request.get_data(cache=False),
        too_large=bool(request.environ.get(TOO_LARGE)),
        peer=Peer(f"{request.environ.get('REMOTE_ADDR', '')}:0", request.headers.get("X-Forwarded-For")),
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)
