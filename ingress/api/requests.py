"""Reading a call: its body and query by their shapes, its request id, the key that makes it safe to send again."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Request
from marshmallow import Schema, ValidationError

from ingress.api.problems import Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_LONGEST_KEY = 255


def request_id(request: Request) -> str:
    """The caller's own where it is one that a log bears, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)


def idempotency_key(request: Request) -> str | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if not given.strip() or len(given) > _LONGEST_KEY or not (given.isascii() and given.isprintable()):
        raise Problem("INVALID_IDEMPOTENCY_KEY", f"it is 1 to {_LONGEST_KEY} ASCII characters that can be shown")
    return given


def body(request: Request, shape: type[Schema]) -> Mapping[str, Any]:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        raise Problem("INVALID_JSON") from None
    if not isinstance(document, dict):
        raise Problem("INVALID_JSON")
    return _read(shape, document)


def query(request: Request, shape: type[Schema]) -> Mapping[str, Any]:
    """A name given twice is a fault: which of the two was meant, nobody can tell."""
    twice = {name: ["It is given more than once."] for name, values in request.args.lists() if len(values) > 1}
    if twice:
        raise Problem("INVALID_FIELDS", errors=twice)
    return _read(shape, request.args.to_dict())


def _read(shape: type[Schema], document: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = shape().load(document)
    except ValidationError as error:
        raise Problem("INVALID_FIELDS", errors=_bounded(error.messages_dict)) from None
    return found


def _bounded(errors: Mapping[Any, Any], most: int = 50) -> dict[str, Any]:
    """Unknown fields are named as they were sent: no more of them than a reader wants, and none of a great length.

    Of a list the places are named, which are numbers.
    """
    return {
        str(name)[:100]: _bounded(told) if isinstance(told, Mapping) else told
        for name, told in list(errors.items())[:most]
    }
