"""Histories in a database: told, registered and carried under names of their own, and how each of them ended."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shared import payouts
from shared.db import Connection, Pool
from shared.inbox import Inbox
from shared.rules.payout_links import OwedPayout, Registered
from tests.factories.arrivals import arrival
from workers.process import Processor

_MOST_TRIES = 30
_MOST_AT_ONCE = 500
_NAME = re.compile(r"h\d+(?:true|other)")

# Everything of each copy, its rows told by the ids of events instead of by numbers that arrival gave them.
ENDS = {
    "events": "SELECT event_id, state, reason_code FROM events WHERE id > %(events)s",
    "subjects": """
        SELECT DISTINCT ON (subjects.id) subjects.kind, subjects.subject_id, subjects.account, subjects.status,
            subjects.state, subjects.needs_refetch, subjects.moves
        FROM subjects JOIN facts ON facts.subject_row = subjects.id WHERE event_row > %(events)s""",
    "facts": """
        SELECT subjects.kind, subjects.subject_id, subjects.account, event_id, verdict, verdict_reason, data
        FROM subjects JOIN facts ON facts.subject_row = subjects.id JOIN events ON events.id = facts.event_row
        WHERE events.id > %(events)s""",
    "transitions": """
        SELECT subjects.kind, subjects.subject_id, subjects.account, position, event_id, from_status, to_status,
            transitions.occurred_at
        FROM transitions JOIN subjects ON subjects.id = transitions.subject_row
        JOIN facts ON facts.id = transitions.fact_id JOIN events ON events.id = facts.event_row
        WHERE events.id > %(events)s""",
    "notices": """
        SELECT cause, kind, recipient, data, about
        FROM notices WHERE id > %(notices)s""",
}
_LAST = "SELECT (SELECT coalesce(max({0}.id), 0) FROM {0}) AS last"


def last_of(conn: Connection) -> Mapping[str, int]:
    """What is newer than this is yet to be told."""
    return {name: _number(conn, _LAST.format(name)) for name in ("events", "notices")}


def ends(conn: Connection, after: Mapping[str, int]) -> dict[str, dict[str, list[Any]]]:
    """How each copy ended, by its name, with that name taken out: so copies of one history can be compared."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {part: [] for part in ENDS})
    for part, query in ENDS.items():
        for row in conn.execute(query, after):
            text = json.dumps(row, default=str)
            name = _NAME.search(text)
            if name is not None:
                found[name.group()][part].append(json.loads(text.replace(name.group(), "NAME")))
    return {name: {part: alike(rows) for part, rows in parts.items()} for name, parts in found.items()}


def alike(rows: Iterable[Any]) -> list[Any]:
    """In an order that does not tell when each was written."""
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def register(pool: Pool, name: str, known: Sequence[str], *, livemode: bool) -> None:
    """What a history of payouts is about, with those of Stripe's ids that are known."""
    owed = OwedPayout(
        payout_id=f"owed-{name}",
        account=f"acct_{name}",
        livemode=livemode,
        amount_minor=4500,
        currency="usd",
        stripe_transfer_id=f"tr_{name}" if "transfer" in known else None,
        stripe_payout_id=f"po_{name}" if "payout" in known else None,
    )
    with pool.transaction() as conn:
        payouts.register(conn, Registered(owed, f"creator-{name}"), actor="test")


def keep(inbox: Inbox, events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Their rows, in their order; of one that comes again, the same row."""
    rows = {}
    unique = list({one["id"]: one for one in events}.values())
    for begin in range(0, len(unique), _MOST_AT_ONCE):
        group = unique[begin : begin + _MOST_AT_ONCE]
        kept = inbox.keep_many([arrival(one) for one in group], nudged=[True] * len(group))
        rows |= {one["id"]: each.row_id for one, each in zip(group, kept, strict=True)}
    return [rows[one["id"]] for one in events]


def drain(conn: Connection, processor: Processor, rows: Sequence[int]) -> None:
    """Process what is left of these, the woken and the put off, until all have ended."""
    for _ in range(_MOST_TRIES):
        left = list(_left(conn, rows))
        if not left:
            return
        processor.carry(left)
    raise AssertionError(f"{left} do not end")


def _left(conn: Connection, rows: Sequence[int]) -> Iterator[int]:
    query = """
        UPDATE events SET next_attempt_at = now()
        WHERE id = ANY(%s) AND state IN ('received', 'retrying') RETURNING id"""
    return (row["id"] for row in conn.execute(query, [list(rows)]))


def _number(conn: Connection, query: str) -> int:
    row = conn.execute(query).fetchone()
    return 0 if row is None else int(row["last"])
