"""What a call is: one line of a resource's table, from which it is served and documented alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from marshmallow import Schema

from ingress.api.principals import Principal
from ingress.api.problems import Problem
from ingress.api.workings import Workings
from shared.db import Connection

Method = Literal["GET", "PUT", "POST"]
# Every call may meet these; what else it may meet, its line says.
COMMON = ("MISSING_TOKEN", "INVALID_TOKEN", "EXPIRED_TOKEN", "REVOKED_TOKEN", "FOREIGN_TOKEN", "MISSING_SCOPE")
ALWAYS = ("PROCESSING_ERROR", "UNAVAILABLE")
OF_WRITES = (
    "BODY_TIMEOUT", "BODY_INCOMPLETE", "BODY_TOO_LARGE", "INVALID_JSON", "INVALID_FIELDS", "INVALID_IDEMPOTENCY_KEY",
    "IDEMPOTENCY_KEY_REUSED",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call as it came in, read and judged; `path`, `query` and `body` by our own names."""

    workings: Workings
    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    connection: Connection | None = None

    @property
    def conn(self) -> Connection:
        """The call's own transaction, which is committed after it."""
        if self.connection is None:
            raise TypeError("this call works in transactions of its own")
        return self.connection

    @property
    def actor(self) -> str:
        return self.principal.actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`problem` refuses what was all the same done and must stay, as the count of wrong codes. `after` the commit."""

    document: Mapping[str, Any] = field(default_factory=dict)
    status: int = HTTPStatus.OK
    problem: Problem | None = None
    after: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`path` as Flask writes it, its variables in snake_case. `gives` by status, where more than one may come.

    `is_conditional`: a reading with an ETag.
    `is_atomic`: done in one transaction, which is the call's own. `scope` is told to readers; the view judges it.
    """

    name: str
    method: Method
    path: str
    summary: str
    does: Callable[[Asked], Reply]
    gives: Mapping[int, type[Schema]]
    scope: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    problems: Sequence[str] = ()
    is_atomic: bool = True
    is_open_to_people: bool = False
    is_conditional: bool = False

    @property
    def all_problems(self) -> tuple[str, ...]:
        by_kind = (*COMMON, *ALWAYS, *(OF_WRITES if self.body is not None else ()))
        queried = ("INVALID_FIELDS",) if self.query is not None else ()
        theirs = ("NOT_YOURS",) if self.is_open_to_people else ()
        return tuple(dict.fromkeys((*by_kind, *queried, *theirs, *self.problems)))
