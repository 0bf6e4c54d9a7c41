"""The limit that our front and Flask set for the figure "access": a document of the same size, made beforehand.

python -m ingress.serve bench.access_bare --port N
"""

from datetime import UTC, datetime

import orjson
from flask import Flask, Response

from ingress.front import Front, Limits
from ingress.front_threads import Group
from ingress.wsgi import Answer
from shared.access_document import safe_default

_PATH = "/api/access/"
_THREADS = 4  # as the application door has for this call


def create() -> Front:
    limits = Limits(threads=_THREADS, max_body_bytes=0, apart=(Group(paths=(_PATH,), threads=_THREADS),))
    return Front(_app(), limits, refusal=_refusal, beat=lambda: None, close=lambda: None)


def _app() -> Flask:
    app = Flask(__name__, static_folder=None)
    told = orjson.dumps(safe_default(None, datetime.now(UTC)))

    @app.get(f"{_PATH}<path:user_id>")
    def access(user_id: str) -> Response:  # noqa: ARG001 - whoever it is
        return Response(told, 200, {"content-type": "application/json"})

    return app


def _refusal(code: str) -> Answer:
    return Answer(503, [], code.encode())
