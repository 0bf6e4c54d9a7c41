"""The OpenAPI document, made from the table that the calls are served from."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from ingress.api.calls import Call
from ingress.api.problems import CODES, CONTENT_TYPE
from ingress.api.shapes import ProblemShape, camel

VERSION = "1.0"
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_ABOUT = (
    "Who may use what, crises, payouts, and the operators' calls. A service sends a token made by "
    "`carelane token create`; a person sends the token of their sign-in and sees only what is theirs. Errors are "
    "problem documents (RFC 9457) with a stable `code`. Each write takes an `Idempotency-Key`: sent again within a day "
    "it is answered as the first time. Live updates are a door of their own, `GET /api/stream`. "
    "Every answer bears an `X-Request-Id`."
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the call safe to send again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}

_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: 304 while nothing has changed.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_NOT_MODIFIED = {"304": {"description": "Nothing has changed since the answer that `If-None-Match` names."}}


def document(resources: Mapping[str, Sequence[Call]]) -> dict[str, Any]:
    spec = APISpec(
        title="Carelane",
        version=VERSION,
        openapi_version="3.0.3",
        plugins=[MarshmallowPlugin()],
        info={"description": _ABOUT},
        security=[{"bearer": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for resource, calls in resources.items():
        spec.tag({"name": resource})
        for call in calls:
            spec.path(
                path=_VARIABLE.sub(lambda found: "{" + camel(found[1]) + "}", call.path),
                operations={call.method.lower(): _operation(resource, call)},
            )
    made: dict[str, Any] = spec.to_dict()
    return made


def _operation(resource: str, call: Call) -> dict[str, Any]:
    theirs = ", or of the person themself" if call.is_open_to_people else ""
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "description": f"Needs the scope `{call.scope}`{theirs}.",
        "tags": [resource],
        "parameters": _parameters(call),
        "responses": {**_answers(call), **_problems(call)},
    }
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": call.body}}}
    return operation


def _parameters(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": camel(name), "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _VARIABLE.findall(call.path)
    ]
    if call.query is not None:
        found.append({"in": "query", "schema": call.query})
    if call.is_conditional:
        found.append(_IF_NONE_MATCH)
    if call.method != "GET":
        found.append(_IDEMPOTENCY_KEY)
    return found


def _answers(call: Call) -> dict[str, Any]:
    given = {
        str(status): {"description": call.summary, "content": {"application/json": {"schema": shape}}}
        for status, shape in call.gives.items()
    }
    return {**given, **(_NOT_MODIFIED if call.is_conditional else {})}


def _problems(call: Call) -> dict[str, Any]:
    """One answer for each status, which names every code that may come with it."""
    by_status: dict[int, list[str]] = {}
    for code in call.all_problems:
        by_status.setdefault(int(CODES[code][0]), []).append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {CODES[code][1].lower()}" for code in codes),
            "content": {CONTENT_TYPE: {"schema": ProblemShape}},
        }
        for status, codes in sorted(by_status.items())
    }
