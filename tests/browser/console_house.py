"""What stands in the console of the browser tests and of the screenshots: people, events, dead letters, payouts."""

import uuid
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from schemas.facts import to_json
from shared.inbox import customer_hash
from tests.factories.facts import placed
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import insert

CUSTOMER = "cus_9s6XKzkNRiz8i3"
COMPARISON, WAITING = uuid.UUID(int=1), uuid.UUID(int=2)
SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"

_EVENTS = """
INSERT INTO events (
    event_id, type, livemode, account, object_kind, object_id, customer_hash, body_hash, body_bytes, secret_name, lane,
    lane_reason, urgency, state, occurred_at, received_at, settled_at, reason_class, reason_code, reason_path,
    reason_message, api_version
)
SELECT
    %(name)s || n, %(type)s, true, %(account)s, %(kind)s, %(object)s || n, %(customer)s, '', 812, 'platform', %(lane)s,
    %(why)s, %(urgency)s, %(state)s, now() - n * %(apart)s::interval - interval '2 s', now() - n * %(apart)s::interval,
    CASE WHEN %(state)s IN ('processed', 'ignored', 'dead')
        THEN now() - n * %(apart)s::interval + (%(ms)s + n %% 7 * %(spread)s) * interval '1 ms' END,
    %(class)s, %(code)s, %(path)s, %(message)s, '2026-10-28.endive'
FROM generate_series(1, %(count)s) AS n
"""
_PLAIN = {
    "account": None, "kind": "invoice", "object": "in_", "customer": None, "lane": "standard", "why": "standard",
    "urgency": 0, "state": "processed", "apart": "20 seconds", "ms": 140, "spread": 40, "class": None, "code": None,
    "path": None, "message": None,
}  # fmt: skip
_DEAD = {"state": "dead", "class": "invalid", "apart": "7 minutes", "ms": 900}


def add_events(conn, count, name, event_type, **more):
    """So many of a type; keyword arguments change what they are."""
    conn.execute(_EVENTS, {**_PLAIN, "count": count, "name": name, "type": event_type, **more})


def furnish(conn):
    _people(conn)
    person = customer_hash(LOOKUP_KEY, CUSTOMER)
    add_events(conn, 90, "evt_paid_", "invoice.payment_succeeded")
    failed = {"lane": "crisis", "why": "access-critical", "urgency": 10, "apart": "31 seconds", "ms": 38, "spread": 29}
    add_events(conn, 55, "evt_failed_", "invoice.payment_failed", **failed)
    add_events(
        conn, 4, "evt_wait_", "customer.subscription.updated", state="received", apart="2 seconds", kind="subscription"
    )
    other = {"state": "ignored", "class": "ignored", "code": "livemode"}
    add_events(conn, 6, "evt_other_", "charge.succeeded", **other)
    schema = {
        "code": "schema",
        "path": "data.object.lines.data[0].price",
        "message": "Missing data for required field.",
    }
    add_events(conn, 12, "evt_dead_", "invoice.payment_failed", customer=person, **_DEAD, **schema)
    add_events(conn, 7, "evt_late_", "invoice.payment_failed", **_DEAD, **schema)
    add_events(
        conn,
        3,
        "evt_bug_",
        "payout.failed",
        account="acct_1NXk",
        kind="payout",
        object="po_",
        **_DEAD | {"class": "bug"},
        code="KeyError",
        message="a bug of ours",
    )
    add_events(
        conn,
        1,
        "evt_script_",
        SCRIPT,
        customer=person,
        **_DEAD,
        code="unknown",
        path=SCRIPT,
        message=SCRIPT,
        object=SCRIPT,
    )
    conn.execute("""INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
        SELECT id, received_at, gen_random_uuid(), '', '' FROM events""")
    conn.execute("""INSERT INTO attempts (event_row, fence, series, number, worker, started_at, ended_at, outcome,
            error_class, error_code, error_path, message)
        SELECT id, 1, 1, 1, 'standard.1@host:4711', received_at + interval '20 ms', settled_at, state, reason_class,
            reason_code, reason_path, reason_message
        FROM events WHERE settled_at IS NOT NULL""")
    _payouts(conn)
    for process in ("relay", "doorbell", "beat"):
        conn.execute("INSERT INTO heartbeats (process, place) VALUES (%s, 'host')", [process])
    conn.execute("""INSERT INTO audit (actor, act, object, after) VALUES
        ('door:webhook', 'requests.refused', 'source:203.0.113.7', '{"code": "INVALID_SIGNATURE", "count": 214}'),
        ('door:webhook', 'requests.refused', 'source:198.51.100.4', '{"code": "BODY_TOO_LARGE", "count": 2}')""")
    conn.execute("ANALYZE")


def compare(conn):
    """One that was made, and one that waits for a worker."""
    sides = {"status": {"known": "past_due", "stripe": "active"}, "latest_invoice": {"known": "in_1", "stripe": None}}
    one = {"kind": "subscription", "id": "sub_1OBc", "account": None, "livemode": True}
    found = [
        one | {"drift": "status", "differences": sides, "mended": True},
        one | {"kind": "payout", "id": SCRIPT, "drift": "gone", "differences": {}, "mended": False},
    ]
    who = conn.execute("""INSERT INTO staff (name, role, created_by) VALUES ('robin', 'operator', 'test')
        RETURNING id""").fetchone()["id"]
    asked = "INSERT INTO staff_comparisons (id, staff_id, actor, names, reason) VALUES (%s, %s, 'staff:robin', %s, %s)"
    for id_ in (COMPARISON, WAITING):
        conn.execute(asked, [id_, who, ["sub_1OBc", SCRIPT], f"they say that they paid {SCRIPT}"])
    conn.execute(
        "UPDATE staff_comparisons SET ended_at = now(), known = 3, compared = 2, findings = %s WHERE id = %s",
        [Jsonb(found), COMPARISON],
    )


def _people(conn):
    for name in ("user-ada", "user-ben", "user-cleo"):
        conn.execute("INSERT INTO people (user_id) VALUES (%s)", [name])
    linked = [customer_hash(LOOKUP_KEY, CUSTOMER), "user-ada"]
    conn.execute("INSERT INTO customers (customer_hash, user_id) VALUES (%s, %s)", linked)
    conn.execute("""INSERT INTO crises (user_id, source, severity, opened_by, opened_at, access_level, tier)
        VALUES ('user-ada', 'button', 'severe', 'service:app', now() - interval '40 minutes', 'full', 'basic')""")
    conn.execute("""INSERT INTO emergency_access (user_id, reason, level, opened_by, opened_at, ends_at)
        VALUES ('user-ben', 'payment_failure', 'essential', 'staff:sam', now() - interval '2 h',
            now() + interval '22 h')""")
    told = [_fact(*step) for step in (("trialing", 30), ("active", 16), ("past_due", 1))]
    insert(conn, "sub_1OBc", told, customer=CUSTOMER)
    for one in told:
        conn.execute("UPDATE facts SET data = %s WHERE cause = %s", [Jsonb(to_json(one.fact)), one.cause])


def _fact(status, days_ago):
    return placed("basil/customer.subscription.updated", **told_of(status, days_ago))


def told_of(status, days_ago):
    """How an event told of Ada's subscription, as changes of the payload that stands for all."""
    return {
        "id": f"evt_sub_{days_ago}",
        "created": int((datetime.now(UTC) - timedelta(days=days_ago)).timestamp()),
        "data.object.id": "sub_1OBc",
        "data.object.status": status,
        "data.object.metadata": {},
        "data.object.items.data.0.price.lookup_key": "basic",
    }


def _payouts(conn):
    since = "2026-01-01T00:00:00+00:00"
    for number, status in enumerate(("PROCESSING", "COMPLETED", "FAILED", None), start=1):
        conn.execute(
            """INSERT INTO payouts (payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency)
            VALUES (%s, true, 'creator-mia', 'acct_1NXk', %s, 'usd')""",
            [f"owed-{number}", 4200 * number],
        )
        if status:
            state = {"status": status, "status_since": since, "payout_amount": 4200, "payout_currency": "usd"}
            state |= {"failed_reason": "account_closed"} if status == "FAILED" else {}
            conn.execute(
                """INSERT INTO subjects (kind, subject_id, account, livemode, status, state)
                VALUES ('owed_payout', %s, 'acct_1NXk', true, %s, %s)""",
                [f"owed-{number}", status, Jsonb(state)],
            )
    state = {"status": "restricted", "payouts_enabled": False, "charges_enabled": True, "requirements_count": 2}
    conn.execute(
        """INSERT INTO subjects (kind, subject_id, account, livemode, status, state)
        VALUES ('account', 'acct_1NXk', 'acct_1NXk', true, 'restricted', %s)""",
        [Jsonb(state)],
    )
