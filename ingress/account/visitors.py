"""Who looks at a page: by the sealed cookie, or by their own token in the Authorization header."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Request

from ingress.account import cookies
from ingress.account.house import House
from ingress.account.languages import is_zone
from ingress.account.sessions import Session
from ingress.api.problems import Problem
from shared.crypto import lookup_hash

FIELD = "form"
_LONGEST_FIELD = 200
_IDENTITY_SECONDS = 1.0


class NotOurs(Exception):
    """A form that does not come from a page that may send it; nothing was done."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """`sealed`: the cookie that their forms are tied to; `is_new`: their browser does not have it yet."""

    session: Session | None = None
    sealed: str = ""
    is_new: bool = False


def visitor(house: House, request: Request) -> Visitor:
    """Raises Problem for a token that is not good, TransientError for one that cannot be checked now."""
    header = request.headers.get("Authorization")
    if header is not None:
        return begin(house, header, zone=request.args.get("zone", ""))
    sealed = cookies.session(house, request) or ""
    return Visitor(house.seal.open(sealed, now=house.clock()), sealed)


def begin(house: House, header: str, *, zone: str) -> Visitor:
    """A session for whom the token is of; a service has no page. Raises as `visitor` does."""
    ask = house.answers.stores.ask
    principal = house.workings.credentials.check(header, ask, wait_seconds=_IDENTITY_SECONDS)
    if principal.user_id is None:
        raise Problem("INVALID_TOKEN")
    known_zone = zone if is_zone(zone) else "UTC"
    session = Session(principal.user_id, house.clock() + house.lasts, known_zone)
    return Visitor(session, house.seal.close(session), is_new=True)


def form_token(house: House, sealed: str) -> str:
    """Known to who holds the cookie and to us: another site's page can have the one sent, never read it."""
    return lookup_hash(house.workings.lookup_key, "account-form", sealed.encode()).hex()


def read_form(house: House, request: Request, sealed: str) -> Mapping[str, str]:
    """The fields of a form of ours. Raises NotOurs."""
    given = request.form.get(FIELD, "")
    is_ours = given.isascii() and hmac.compare_digest(given, form_token(house, sealed))
    if not sealed or not is_ours or not _comes_from(request, house.origins):
        raise NotOurs
    return {name: value[:_LONGEST_FIELD].replace("\0", "") for name, value in request.form.items()}


def require_application(house: House, request: Request) -> None:
    """That a session is handed over by the application, and not by a page that wants a person to act as another.

    Raises NotOurs. What is no browser names no origin, and is nobody's browser to misuse.
    """
    if not _comes_from(request, [*house.application, *house.origins]):
        raise NotOurs


def _comes_from(request: Request, origins: Sequence[str]) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin.lower() in origins
