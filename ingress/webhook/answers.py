"""What the webhook door answers: one table of codes; never anything of an event but its id."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import orjson

from ingress.wsgi import Answer

STATUS_OF: Mapping[str, HTTPStatus] = MappingProxyType(
    {
        "NOT_FOUND": HTTPStatus.NOT_FOUND,
        "METHOD_NOT_ALLOWED": HTTPStatus.METHOD_NOT_ALLOWED,
        "UNSUPPORTED_ENCODING": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "BODY_TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "BODY_TIMEOUT": HTTPStatus.REQUEST_TIMEOUT,
        "BODY_INCOMPLETE": HTTPStatus.BAD_REQUEST,
        "MISSING_SIGNATURE": HTTPStatus.UNAUTHORIZED,
        "INVALID_SIGNATURE": HTTPStatus.UNAUTHORIZED,
        "REPLAY_ATTACK": HTTPStatus.BAD_REQUEST,
        "SOURCE_NOT_ALLOWED": HTTPStatus.FORBIDDEN,
        "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
        "PROCESSING_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
        "NOT_READY": HTTPStatus.SERVICE_UNAVAILABLE,
    }
)

RETRY_AFTER_SECONDS = 10
_COMES_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}


def document(status: int, content: Mapping[str, object]) -> Answer:
    return Answer(status, [("content-type", "application/json")], orjson.dumps(dict(content)))


def refusal(code: str) -> Answer:
    answer = document(STATUS_OF[code], {"error": code})
    if answer.status in _COMES_AGAIN:
        answer.headers.append(("retry-after", str(RETRY_AFTER_SECONDS)))
    return answer


def received(event_id: str, *, duplicate: bool) -> Answer:
    again = {"duplicate": True} if duplicate else {}
    return document(HTTPStatus.OK, {"received": True, **again, "eventId": event_id})


def outcome(code: str, event_id: str | None) -> Answer:
    """Of a delivery that was kept (it has an id then), or refused."""
    if event_id is None:
        return refusal(code)
    return received(event_id, duplicate=code in {"duplicate", "conflict"})
