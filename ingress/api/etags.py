"""ETags of status reads (RFC 9110, 8.8.3): the same for as long as nothing has changed, though time has passed."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Request, Response

_HEX_DIGITS = 32
# When it was asked is news of nothing.
_PASSES = frozenset({"asOf"})


def of(content: Mapping[str, Any]) -> str:
    """The opaque part; it is a weak one, for the answer's `asOf` differs."""
    lasting = {name: value for name, value in content.items() if name not in _PASSES}
    return hashlib.sha256(orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_HEX_DIGITS]


def conditional(request: Request, content: Mapping[str, Any]) -> Response:
    """The document, or 304 to whoever holds it already."""
    found = of(content)
    headers = {"etag": f'W/"{found}"'}
    if request.if_none_match.contains_weak(found):
        return Response(b"", HTTPStatus.NOT_MODIFIED, headers)
    return Response(orjson.dumps(content), HTTPStatus.OK, {"content-type": "application/json", **headers})
