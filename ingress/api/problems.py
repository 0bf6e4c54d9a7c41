"""The application door's errors: application/problem+json (RFC 9457), by code."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import orjson

from ingress.wsgi import Answer
from shared.errors import CarelaneError, NotFound, TransientError

RETRY_AFTER_SECONDS = 5
CONTENT_TYPE = "application/problem+json"

# Each code is stable and means one thing; `title` is for people.
CODES: Mapping[str, tuple[HTTPStatus, str]] = MappingProxyType(
    {
        "BODY_TIMEOUT": (HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time"),
        "BODY_INCOMPLETE": (HTTPStatus.BAD_REQUEST, "The body is shorter than it was declared"),
        "BODY_TOO_LARGE": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
        "INVALID_JSON": (HTTPStatus.BAD_REQUEST, "The body is not a JSON object"),
        "INVALID_FIELDS": (HTTPStatus.UNPROCESSABLE_ENTITY, "Some fields cannot be used"),
        "INVALID_IDEMPOTENCY_KEY": (HTTPStatus.BAD_REQUEST, "The Idempotency-Key cannot be used"),
        "IDEMPOTENCY_KEY_REUSED": (HTTPStatus.CONFLICT, "The Idempotency-Key was used for another request"),
        "MISSING_TOKEN": (HTTPStatus.UNAUTHORIZED, "A bearer token is needed"),
        "INVALID_TOKEN": (HTTPStatus.UNAUTHORIZED, "The token is not valid"),
        "EXPIRED_TOKEN": (HTTPStatus.UNAUTHORIZED, "The token has expired"),
        "REVOKED_TOKEN": (HTTPStatus.UNAUTHORIZED, "The token was revoked"),
        "FOREIGN_TOKEN": (HTTPStatus.UNAUTHORIZED, "The token was made for another audience"),
        "MISSING_SCOPE": (HTTPStatus.FORBIDDEN, "The token does not allow this"),
        "NOT_YOURS": (HTTPStatus.FORBIDDEN, "This belongs to somebody else"),
        "WRONG_CODE": (HTTPStatus.FORBIDDEN, "The one-time code is not valid"),
        "TOO_MANY_CODES": (HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong codes were tried"),
        "NOT_FOUND": (HTTPStatus.NOT_FOUND, "Nothing goes by that name"),
        "UNKNOWN_DEVICE": (HTTPStatus.NOT_FOUND, "No device goes by that name"),
        "FOREIGN_CURSOR": (HTTPStatus.UNPROCESSABLE_ENTITY, "The cursor was not given to this device"),
        "TOO_MANY_STREAMS": (HTTPStatus.TOO_MANY_REQUESTS, "As many streams are open as may be"),
        "METHOD_NOT_ALLOWED": (HTTPStatus.METHOD_NOT_ALLOWED, "This method is not for this address"),
        "AMBIGUOUS": (HTTPStatus.CONFLICT, "Several go by that name"),
        "ALREADY_LINKED": (HTTPStatus.CONFLICT, "This belongs to another person"),
        "ALREADY_REGISTERED": (HTTPStatus.CONFLICT, "This belongs to another payout"),
        "ALREADY_RESOLVED": (HTTPStatus.CONFLICT, "The crisis is resolved already"),
        "TOO_MANY": (HTTPStatus.UNPROCESSABLE_ENTITY, "More than one call may take on"),
        "NOT_READY": (HTTPStatus.SERVICE_UNAVAILABLE, "The door is not ready"),
        "UNAVAILABLE": (HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer"),
        "PROCESSING_ERROR": (HTTPStatus.INTERNAL_SERVER_ERROR, "The request failed"),
    }
)
# What our own errors are to a caller.
_OF_ERRORS = {
    "already_linked": "ALREADY_LINKED",
    "already_resolved": "ALREADY_RESOLVED",
    "idempotency_key_reused": "IDEMPOTENCY_KEY_REUSED",
    "too_many": "TOO_MANY",
    "unknown_device": "UNKNOWN_DEVICE",
}


class Problem(Exception):
    """Refuses a call; `errors` tells by field what is wrong. No part of it quotes what was sent."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = int(CODES[code][0])
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def document(self, request_id: str | None = None) -> dict[str, Any]:
        more = {"detail": self.detail, "errors": self.errors, "requestId": request_id}
        head = {"type": "about:blank", "title": CODES[self.code][1], "status": self.status, "code": self.code}
        return head | {name: value for name, value in more.items() if value}

    def answer(self, request_id: str | None = None) -> Answer:
        headers = [("content-type", CONTENT_TYPE), *self.headers.items()]
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            headers.append(("retry-after", str(RETRY_AFTER_SECONDS)))
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers.append(("www-authenticate", "Bearer"))
        return Answer(self.status, headers, orjson.dumps(self.document(request_id)))


def problem(code: str) -> Answer:
    return Problem(code).answer()


def of_error(error: CarelaneError) -> Problem:
    """What one of our errors is to a caller; an error that none of them should meet is a fault of ours."""
    if isinstance(error, TransientError):
        return Problem("UNAVAILABLE")
    if isinstance(error, NotFound):
        return Problem("NOT_FOUND", str(error))
    code = _OF_ERRORS.get(error.code)
    return Problem("PROCESSING_ERROR") if code is None else Problem(code, str(error))


def of_status(status: int) -> Answer:
    """A problem that werkzeug found, told by its HTTP status, and by our code where there is one."""
    known = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(status)
    if known is not None:
        return Problem(known).answer()
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    return Answer(int(status), [("content-type", CONTENT_TYPE)], orjson.dumps(content))
