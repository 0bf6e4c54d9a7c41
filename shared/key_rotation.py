"""Wraps data keys for new readers, a batch at a time and each in its own transaction: it may be stopped and run again.

No body is touched. What was wrapped already is passed by, and what the door makes meanwhile for its old public key is
found by the next run.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from shared import audit, parking
from shared.bulk_acts import Mandate
from shared.crypto import fingerprint, public_key_of, rewrap
from shared.db import Connection
from shared.errors import IntegrityError
from shared.queries import load

_AT_ONCE = 100
_BEFORE_ALL = uuid.UUID(int=0)

Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`unopened` are keys that none of the private keys here opens, by recipient."""

    present: bytes = field(repr=False)
    earlier: Sequence[bytes] = field(repr=False)
    waiting: int
    unopened: dict[str, int]

    @property
    def recipient(self) -> str:
        return fingerprint(public_key_of(self.present))


def plan(conn: Connection, present: bytes, earlier: Sequence[bytes]) -> Plan:
    """What there is to do; changes nothing."""
    recipient = fingerprint(public_key_of(present))
    rows = conn.execute(load("data_keys")["by_recipient"]).fetchall()
    counts = {row["recipient"]: int(row["count"]) for row in rows if row["recipient"] != recipient}
    known = {fingerprint(public_key_of(key)) for key in earlier}
    waiting = sum(count for name, count in counts.items() if name in known)
    return Plan(present, tuple(earlier), waiting, {name: n for name, n in counts.items() if name not in known})


@dataclass(frozen=True, slots=True)
class Batch:
    """`broken` ones were changed since they were stored: they stay as they are."""

    wrapped: int
    broken: int


def rotate(transaction: Transaction, planned: Plan, mandate: Mandate) -> Iterator[Batch]:
    """Batch after batch; each is committed, and on record, before the next begins. Wakes the events that waited."""
    for private_key in planned.earlier:
        name = fingerprint(public_key_of(private_key))
        if name == planned.recipient:
            continue
        after: uuid.UUID | None = _BEFORE_ALL
        while after is not None:
            with transaction() as conn:
                done, after = _batch(conn, private_key, planned, after)
                _put_on_record(conn, name, planned, done, mandate)
            yield done
        _wake(transaction, f"key:{name}")


def _batch(conn: Connection, private_key: bytes, planned: Plan, after: uuid.UUID) -> tuple[Batch, uuid.UUID | None]:
    """What was done, and the last key that was looked at; None when there was none."""
    sql, public_key, broken = load("data_keys"), public_key_of(planned.present), 0
    wanted = {"recipient": fingerprint(public_key_of(private_key)), "most": _AT_ONCE, "after": after}
    rows = conn.execute(sql["of_recipient"], wanted).fetchall()
    for row in rows:
        try:
            wrapped = rewrap(row["wrapped"], private_key, public_key)
        except IntegrityError:
            broken += 1
            continue
        conn.execute(sql["rewrap"], {"id": row["id"], "wrapped": wrapped, "recipient": planned.recipient})
    return Batch(len(rows) - broken, broken), rows[-1]["id"] if rows else None


def _put_on_record(conn: Connection, earlier: str, planned: Plan, done: Batch, mandate: Mandate) -> None:
    if not (done.wrapped or done.broken):
        return
    audit.record(
        conn,
        actor=mandate.actor,
        act="keys.rewrapped",
        object="data_keys",
        reason=mandate.reason,
        before={"recipient": earlier},
        after={"recipient": planned.recipient, "wrapped": done.wrapped, "broken": done.broken},
    )


def _wake(transaction: Transaction, wanted: str) -> None:
    woken = 1
    while woken:
        with transaction() as conn:
            woken = parking.wake(conn, wanted)
