"""People with subscriptions, as the worker would have left them."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb

from shared import people
from shared.inbox import customer_hash
from shared.people import Link, Person
from shared.rules.fold import fold
from shared.rules.standing import Policy
from tests.factories.facts import placed
from tests.integration.conftest import LOOKUP_KEY

POLICY = Policy()
CUSTOMER = "cus_1"


def ago(**parts):
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**parts)


@pytest.fixture
def policy():
    return POLICY


@pytest.fixture
def link(pool):
    def link(user_id="p", *, customer=CUSTOMER, **changes):
        wanted = Link(person=Person(user_id=user_id, **changes), stripe_customer_id=customer)
        with pool.transaction() as own:
            return people.link(own, wanted, actor="backend", lookup_key=LOOKUP_KEY, policy=POLICY)

    return link


@pytest.fixture
def subscribed(conn):
    """Write down a subscription as its facts fold: `subscribed(("active", 30), ("past_due", 2))`, in days ago."""
    numbers = itertools.count(1)

    def write(*moves, customer=CUSTOMER, tier="premium", account=None):
        subject_id = f"sub_{next(numbers)}"
        facts = [
            placed(
                "basil/customer.subscription.updated",
                id=f"evt_{subject_id}_{number}",
                created=int(ago(days=days).timestamp()),
                **{
                    "data.object.id": subject_id,
                    "data.object.status": status,
                    "data.object.metadata": {},
                    "data.object.items.data.0.price.lookup_key": tier,
                },
            )
            for number, (status, days) in enumerate(moves)
        ]
        insert(conn, subject_id, facts, customer=customer, account=account)
        return subject_id

    return write


def insert(conn, subject_id, facts, *, customer, account=None):
    folded, kind = fold(facts), facts[0].fact.kind
    row = conn.execute(
        """INSERT INTO subjects (kind, subject_id, account, livemode, customer_hash, status, state, latest_at)
        VALUES (%s, %s, %s, false, %s, %s, %s, %s) RETURNING id""",
        [
            *(kind, subject_id, account, customer_hash(LOOKUP_KEY, customer), folded.status),
            *(Jsonb(dict(folded.state)), max(one.occurred_at for one in facts)),
        ],
    ).fetchone()["id"]
    times = {one.cause: one.occurred_at for one in facts}
    for position, step in enumerate((step for step in folded.steps if step.moved), start=1):
        fact = conn.execute(
            """INSERT INTO facts (subject_row, source, cause, type, occurred_at, data, verdict)
            VALUES (%s, 'webhook', %s, 'customer.subscription.updated', %s, '{}', 'applied') RETURNING id""",
            [row, step.cause, times[step.cause]],
        ).fetchone()["id"]
        conn.execute(
            """INSERT INTO transitions (subject_row, position, fact_id, from_status, to_status, occurred_at)
            VALUES (%s, %s, %s, %s, %s, %s)""",
            [row, position, fact, step.from_status, step.to_status, times[step.cause]],
        )


@pytest.fixture
def audited(conn):
    def acts(prefix=""):
        rows = conn.execute("SELECT act FROM audit WHERE starts_with(act, %s) ORDER BY id", [prefix]).fetchall()
        return [row["act"] for row in rows]

    return acts


@pytest.fixture
def owed(conn):
    def owed(kind):
        rows = conn.execute("SELECT recipient, data FROM notices WHERE kind = %s ORDER BY id", [kind]).fetchall()
        return [(row["recipient"], row["data"]) for row in rows]

    return owed
