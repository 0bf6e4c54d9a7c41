"""Databases of many small events, spread over the months of two years that are over, without the walk."""

import secrets
from datetime import UTC, datetime, timedelta

import psycopg

from bench import statements
from shared import crypto
from shared.arrivals import Arrival
from shared.migrations import migrate
from shared.rules.lanes import place

PUBLIC_KEY = crypto.public_key_of(crypto.new_private_key())
LOOKUP_KEY = b"l" * 32
MONTHS = 24
_FIRST_YEAR = 2020
_AT_ONCE = 50_000


def fill(url: str, *, events: int) -> None:
    """As many events as that, the same number in each month."""
    migrate(url)
    sql = statements.load("months")
    with psycopg.connect(url, autocommit=True) as conn:
        for number in range(MONTHS):
            _month(conn, number, events // MONTHS)
        for statement in sql["tidy"].split(";"):
            if statement.strip():
                conn.execute(statement.encode())


def _month(conn: "psycopg.Connection[tuple[int]]", number: int, events: int) -> None:
    sql = statements.load("months")
    starts = datetime(_FIRST_YEAR + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    ends = (starts + timedelta(days=32)).replace(day=1)
    words = {"name": f"event_bodies_{starts:%Y_%m}", "starts": starts.isoformat(), "ends": ends.isoformat()}
    conn.execute(sql["month"].format(**words).encode())
    conn.execute("SET session_replication_role = replica")  # the keys hold by construction
    for begun in range(0, events, _AT_ONCE):
        count = min(_AT_ONCE, events - begun)
        conn.execute(sql["fill"].encode(), {"salt": f"{number}:{begun}:", "count": count, "starts": starts})


def arrival() -> Arrival:
    """A new one, of a person of its own."""
    name = secrets.token_hex(12)
    return Arrival(
        event_id=f"evt_{name}",
        type="invoice.paid",
        account=None,
        livemode=True,
        api_version="2026-10-28.endive",
        occurred_at=datetime.now(UTC),
        object_kind="invoice",
        object_id=f"in_{name}",
        customer_id=f"cus_{name}",
        body=b"{}",
        signed_at=datetime.now(UTC),
        secret_name="bench",  # noqa: S106 - the name of one
        placement=place("invoice.paid", marked_crisis=False, access_critical_types=frozenset()),
    )
