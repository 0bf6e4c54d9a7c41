"""Forgets a person: everything kept of them but the audit trail, whose proof would break, and a creator's payouts.

The trail holds the application's own id of the person and states, never contents; payouts are books that must be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import audit
from shared.bulk_acts import Mandate
from shared.db import Connection
from shared.errors import CarelaneError, NotFound
from shared.queries import load

# In this order: what refers to something goes before it.
_STEPS = (
    "bodies", "transitions", "facts", "subjects", "events", "callbacks", "notices", "answers", "codes", "tries",
    "emergency_access", "note_keys", "crises", "access", "devices", "links", "person",
)  # fmt: skip


class NotErasable(CarelaneError):
    """Something about the person is not over; nothing was changed."""

    code = "not_erasable"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of each kind was removed; `keeps_payouts` where the person is a creator."""

    counts: Mapping[str, int]
    keeps_payouts: bool

    def to_json(self) -> dict[str, object]:
        return {"removed": dict(self.counts), "keepsPayouts": self.keeps_payouts}


def erase(conn: Connection, user_id: str, mandate: Mandate) -> Erased:
    """In the caller's transaction, with its audit record. Raises NotFound or NotErasable."""
    sql = load("erasure")
    person = conn.execute(sql["lock_person"], {"user_id": user_id}).fetchone()
    if person is None:
        raise NotFound("no person goes by this id")
    hashes = [row["customer_hash"] for row in conn.execute(sql["customers"], {"user_id": user_id})]
    rows = [row["id"] for row in conn.execute(sql["event_rows"], {"customers": hashes})]
    parameters = {"user_id": user_id, "customers": hashes, "rows": rows}
    _refuse_what_is_not_over(conn, parameters)
    conn.execute(sql["hold_callbacks"])
    done = {step: conn.execute(sql[step], parameters).rowcount for step in _STEPS}
    counts = {step: count for step, count in done.items() if count}
    audit.record(
        conn,
        actor=mandate.actor,
        act="person.erased",
        object=f"person:{user_id}",
        reason=mandate.reason,
        after={"removed": counts},
    )
    return Erased(counts, keeps_payouts=person["creator_id"] is not None)


def _refuse_what_is_not_over(conn: Connection, parameters: Mapping[str, object]) -> None:
    row = conn.execute(load("erasure")["in_the_way"], parameters).fetchone()
    if row is not None and row["in_crisis"]:
        raise NotErasable("a crisis of this person is open: resolve it first")
    if row is not None and row["unsettled"]:
        raise NotErasable(f"{row['unsettled']} events of this person have not ended: settle or discard them first")
