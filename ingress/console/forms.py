"""Forms that only our own pages can send: the browser's word on where it comes from, and a token of its cookie."""

import hmac
from collections.abc import Mapping

from flask import Request

from ingress.console.house import House
from shared.crypto import lookup_hash

FIELD = "csrf"
_LONGEST_FIELD = 1000


class Forged(Exception):
    """A form that does not come from a page of ours; nothing was done."""


def token(house: House, cookie: str) -> str:
    """Known to who holds the cookie and to us: another site's page can have the one sent, never read it."""
    return lookup_hash(house.terms.lookup_key, "console-form", cookie.encode()).hex()


def read(house: House, request: Request, cookie: str | None, *, longest: int = _LONGEST_FIELD) -> Mapping[str, str]:
    """The fields of a form, each once and bounded. Raises Forged."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in {"same-origin", "none"} or (origin is not None and origin.lower() not in house.origins):
        raise Forged
    given = request.form.get(FIELD, "")
    if cookie is None or not given.isascii() or not hmac.compare_digest(given, token(house, cookie)):
        raise Forged
    # PostgreSQL takes no NUL in a text, and nobody types one.
    return {name: value[:longest].replace("\0", "") for name, value in request.form.items()}
