"""Who may open a stream, and whether they still may; in threads, for both may wait for the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ingress.api.credentials import Credentials
from ingress.api.problems import Problem
from ingress.stream import audience
from ingress.stream.audience import Audience, Wish
from ingress.stream.reader import Ending
from shared.db import Connection
from shared.errors import TransientError
from shared.rules.standing import Policy

_IDENTITY_SECONDS = 2.0
_MOST_DIGITS = 18
_ENDINGS: dict[str, Ending] = {"EXPIRED_TOKEN": "expired"}


@dataclass(frozen=True, slots=True)
class Admitted:
    """`good_until`: Unix seconds; None for a service, whose token is looked at again and again."""

    audience: Audience
    good_until: float | None


@dataclass(frozen=True, slots=True)
class Request:
    """What a stream was asked for with; `last_event_id` as it came."""

    authorization: str | None = field(repr=False)
    query: str
    last_event_id: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    transaction: Callable[[], AbstractContextManager[Connection]]
    credentials: Credentials
    policy: Policy

    def admit(self, request: Request) -> Admitted:
        """Raises Problem, or one of our errors."""
        wish = _wish(request.query)
        with self.transaction() as conn:
            principal = self.credentials.check(
                request.authorization, lambda question: question(conn), wait_seconds=_IDENTITY_SECONDS
            )
            return Admitted(audience.of(conn, principal, wish, self.policy), principal.good_until)

    def why_no_more(self, authorization: str | None) -> Ending | None:
        """Why a stream that was opened with this must end, if it must; what cannot be asked now ends none."""
        try:
            with self.transaction() as conn:
                self.credentials.check(authorization, lambda question: question(conn), wait_seconds=_IDENTITY_SECONDS)
        except Problem as problem:
            return _ENDINGS.get(problem.code, "revoked")
        except TransientError:
            return None
        return None


def cursor(last_event_id: str | None) -> int | None:
    """The position to go on from; a first connection sends none, or an empty one."""
    text = (last_event_id or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise Problem("INVALID_FIELDS", errors={"Last-Event-ID": ["It is not an id that a stream has given."]})
    return int(text)


def _wish(query: str) -> Wish:
    """A name given twice, or one that means nothing here, is a fault: it would silently tell too much or too little."""
    given: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True)[:10]:
        if name not in {"userId", "deviceId"}:
            faults[name[:100]] = ["Unknown field."]
        elif name in given:
            faults[name] = ["It is given more than once."]
        elif not value or not value.isprintable():
            faults[name] = ["It cannot be an id."]
        given[name] = value
    if {"userId", "deviceId"} <= given.keys():
        faults["deviceId"] = ["A device has one person: ask for one of the two."]
    if faults:
        raise Problem("INVALID_FIELDS", errors=faults)
    return Wish(user_id=given.get("userId"), device_id=given.get("deviceId"))
