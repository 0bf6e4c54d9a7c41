"""Serving one call: who asks, what is asked, the resource's own function, and the answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Request, Response, g, request

from ingress.api import etags, requests
from ingress.api.calls import Asked, Call, Reply
from ingress.api.problems import CONTENT_TYPE, Problem, of_error
from ingress.api.workings import Workings
from ingress.wsgi import Answer
from shared import idempotency
from shared.errors import CarelaneError
from shared.idempotency import Key

_IDENTITY_SECONDS = 2.0  # for the keys of the identity provider, where they are not here yet
REPLAYED = "Idempotent-Replayed"


def view_of(call: Call, workings: Workings) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        try:
            return _serve(call, workings, path)
        except Problem as problem:
            return respond(problem.answer(g.request_id))
        except CarelaneError as error:
            found = of_error(error)
            if found.status == HTTPStatus.INTERNAL_SERVER_ERROR:
                structlog.get_logger(__name__).exception("a call failed", action="api.failed")
            return respond(found.answer(g.request_id))

    return view


def respond(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)


def document(
    content: Mapping[str, Any], status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    kind = CONTENT_TYPE if status >= HTTPStatus.BAD_REQUEST else "application/json"
    return Response(orjson.dumps(content), status, {"content-type": kind, **(headers or {})})


def _serve(call: Call, workings: Workings, path: Mapping[str, str]) -> Response:
    header = request.headers.get("Authorization")
    principal = workings.credentials.check(header, workings.ask, wait_seconds=_IDENTITY_SECONDS)
    if not call.is_open_to_people:
        principal.require(call.scope)
    asked = Asked(
        workings=workings,
        principal=principal,
        path=path,
        query={} if call.query is None else requests.query(request, call.query),
        body={} if call.body is None else requests.body(request, call.body),
    )
    key = None if call.method == "GET" else _key(asked, request)
    return _atomic(call, asked, key) if call.is_atomic else _in_its_own(call, asked, key)


def _key(asked: Asked, request: Request) -> Key | None:
    chosen = requests.idempotency_key(request)
    if chosen is None:
        return None
    whole = b"\0".join([request.method.encode(), request.path.encode(), request.query_string, request.get_data()])
    return idempotency.key_of(asked.workings.lookup_key, caller=asked.actor, chosen=chosen, request=whole)


def _atomic(call: Call, asked: Asked, key: Key | None) -> Response:
    """The kept answer and its effect are committed together, or neither is."""
    with asked.workings.transaction() as conn:
        kept = None if key is None else idempotency.begin(conn, key)
        if kept is not None:
            return document(kept.document, kept.status, {REPLAYED: "true"})
        reply = call.does(replace(asked, connection=conn))
        answer = _answer(reply)
        if key is not None:
            idempotency.finish(conn, key, answer)
    if call.method != "GET":
        asked.workings.ring_owed()
    if reply.after is not None:
        reply.after()
    if call.is_conditional and reply.problem is None:
        return etags.conditional(request, answer.document)
    return document(answer.document, answer.status, reply.problem.headers if reply.problem else None)


def _in_its_own(call: Call, asked: Asked, key: Key | None) -> Response:
    """Work of many transactions, each with guards of its own: sent again at the same moment it harms nothing."""
    if key is not None:
        with asked.workings.transaction() as conn:
            kept = idempotency.find(conn, key)
        if kept is not None:
            return document(kept.document, kept.status, {REPLAYED: "true"})
    answer = _answer(call.does(asked))
    if key is not None:
        with asked.workings.transaction() as conn:
            idempotency.note(conn, key, answer)
    return document(answer.document, answer.status)


def _answer(reply: Reply) -> idempotency.Answer:
    if reply.problem is not None:
        return idempotency.Answer(reply.problem.status, reply.problem.document(g.request_id))
    return idempotency.Answer(int(reply.status), reply.document)
