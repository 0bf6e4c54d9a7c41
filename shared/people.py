"""The people who are cared for: who they are to the application, to Stripe, and as creators."""

from dataclasses import dataclass, field

import psycopg

from shared import access_changes, audit, sync_owed
from shared.db import Connection
from shared.errors import CarelaneError, NotFound
from shared.inbox import customer_hash
from shared.queries import load
from shared.rules.standing import Policy
from shared.sync_owed import References
from shared.waiting import move_waiting


class Taken(CarelaneError):
    """The Stripe customer or the creator belongs to another person; `field` names which, and nothing was changed."""

    code = "already_linked"

    def __init__(self, taken: str) -> None:
        super().__init__(f"{taken} belongs to another person")
        self.field = taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The references are the application's own; Carelane keeps neither plan nor contacts."""

    user_id: str
    creator_id: str | None = None
    safety_plan_ref: str | None = None
    emergency_contacts_ref: str | None = None
    grace_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is to be known of a person from now on; None leaves what is known. A person may have several customers."""

    person: Person
    stripe_customer_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Linked:
    """`waiting`: rows of events that now ride before all others, for the person is in danger."""

    is_new: bool
    waiting: tuple[int, ...] = ()


def link(conn: Connection, wanted: Link, *, actor: str, lookup_key: bytes, policy: Policy) -> Linked:
    """Make the person known; what was kept about their customer takes effect now. Raises Taken: then roll back."""
    person = wanted.person
    before = find(conn, person.user_id)
    is_new = _add(conn, person)
    hashed = customer_hash(lookup_key, wanted.stripe_customer_id)
    if hashed is not None:
        found = conn.execute(load("people")["link_customer"], {"customer_hash": hashed, "user_id": person.user_id})
        if found.fetchone() is None:
            raise Taken("stripeCustomerId")
    given = [name for name, value in _columns(person).items() if value is not None and name != "user_id"]
    after: dict[str, object] = {"given": [*given, *(["stripe_customer_id"] if hashed else [])]}
    if person.grace_days is not None:  # it decides over access, and says nothing of the person
        after["graceDays"] = person.grace_days
    act = "person.linked" if is_new else "person.changed"
    audit.record(conn, actor=actor, act=act, object=f"person:{person.user_id}", after=after)
    waiting = move_waiting(conn, person.user_id)
    access_changes.refresh_or_owe(conn, person.user_id, policy)
    sync_owed.owe_references(conn, person.user_id, _references(before), _references(find(conn, person.user_id)))
    if hashed is not None:
        access_changes.look_again(conn, person.user_id)
    return Linked(is_new, waiting)


def find(conn: Connection, user_id: str) -> Person | None:
    row = conn.execute(load("people")["find"], {"user_id": user_id}).fetchone()
    return None if row is None else Person(**row)


def require(conn: Connection, user_id: str) -> Person:
    """Raises NotFound."""
    person = find(conn, user_id)
    if person is None:
        raise NotFound("no person goes by this id")
    return person


def _add(conn: Connection, person: Person) -> bool:
    try:
        row = conn.execute(load("people")["link"], _columns(person)).fetchone()
    except psycopg.errors.UniqueViolation as error:  # the only other unique column
        raise Taken("creatorId") from error
    return row is not None and bool(row["is_new"])


def _references(person: Person | None) -> References:
    return References() if person is None else References(person.safety_plan_ref, person.emergency_contacts_ref)


def _columns(person: Person) -> dict[str, str | int | None]:
    return {
        "user_id": person.user_id,
        "creator_id": person.creator_id,
        "safety_plan_ref": person.safety_plan_ref,
        "emergency_contacts_ref": person.emergency_contacts_ref,
        "grace_days": person.grace_days,
    }
