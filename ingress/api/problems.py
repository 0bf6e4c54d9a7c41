"""The application door's errors: application/problem+json (RFC 9457), by code."""

from http import HTTPStatus

import orjson

from ingress.wsgi import Answer

_STATUS_OF = {
    "BODY_TIMEOUT": HTTPStatus.REQUEST_TIMEOUT,
    "BODY_INCOMPLETE": HTTPStatus.BAD_REQUEST,
    "BODY_TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "NOT_READY": HTTPStatus.SERVICE_UNAVAILABLE,
    "PROCESSING_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
}
RETRY_AFTER_SECONDS = 5


def problem(code: str) -> Answer:
    return of_status(_STATUS_OF[code], code)


def of_status(status: int, code: str | None = None) -> Answer:
    """A problem told by its HTTP status, and by our code where there is one."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    body = orjson.dumps(content | ({"code": code} if code else {}))
    answer = Answer(int(status), [("content-type", "application/problem+json")], body)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        answer.headers.append(("retry-after", str(RETRY_AFTER_SECONDS)))
    return answer
