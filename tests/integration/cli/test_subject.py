import json

import pytest

INSERT_FACT = (
    "INSERT INTO facts (subject_row, event_row, source, cause, type, occurred_at, data, verdict, verdict_reason)"
    ' VALUES (%s, %s, %s, %s, %s, %s, \'{"subject_id": "sub_1", "status": "active"}\', %s, %s) RETURNING id'
)
CREATED, UPDATED = "customer.subscription.created", "customer.subscription.updated"


@pytest.fixture
def subscription(conn, keep):
    """One that became active, with a step that was not allowed and a fact that no event brought."""
    row = conn.execute(
        "INSERT INTO subjects (kind, subject_id, livemode, status, state)"
        " VALUES ('subscription', 'sub_1', false, 'active', %s) RETURNING id",
        [json.dumps({"price_id": "price_1", "trial_end": "2026-12-01T00:00:00+00:00"})],
    ).fetchone()["id"]
    event = keep("evt_1", type=CREATED)
    facts = [
        (row, event, "webhook", "event:1", CREATED, "2026-11-20T10:00:00Z", "applied", None),
        (row, None, "reconcile", "reconcile:1", UPDATED, "2026-11-20T12:00:00Z", "applied", None),
        (row, None, "backfill", "event:2", UPDATED, "2026-11-20T11:00:00Z", "conflict", "no"),
    ]
    ids = [conn.execute(INSERT_FACT, fact).fetchone()["id"] for fact in facts]
    for position, (fact, before, after) in enumerate([(ids[0], None, "trialing"), (ids[1], "trialing", "active")], 1):
        conn.execute(
            "INSERT INTO transitions (subject_row, position, fact_id, from_status, to_status, occurred_at)"
            " VALUES (%s, %s, %s, %s, %s, '2026-11-20T10:00:00Z')",
            [row, position, fact, before, after],
        )
    return row


@pytest.mark.usefixtures("subscription")
def test_a_subject_is_shown_with_its_facts_in_true_order(carelane):
    found = carelane("subject", "show", "sub_1", "--json").document
    assert (found["kind"], found["id"], found["account"], found["livemode"]) == ("subscription", "sub_1", None, False)
    assert found["state"] == {"status": "active", "price_id": "price_1", "trial_end": "2026-12-01T00:00:00Z"}
    assert [fact["cause"] for fact in found["facts"]] == ["event:1", "event:2", "reconcile:1"]
    assert found["facts"][0] == {
        "type": CREATED,
        "occurredAt": "2026-11-20T10:00:00Z",
        "verdict": "applied",
        "reason": None,
        "stale": False,
        "cause": "event:1",
        "source": "webhook",
        "eventId": "evt_1",
    }
    assert [(move["from"], move["to"], move["cause"]) for move in found["transitions"]] == [
        (None, "trialing", "event:1"),
        ("trialing", "active", "reconcile:1"),
    ]
    assert [fact["cause"] for fact in found["conflicts"]] == ["event:2"]
    assert [fact["stale"] for fact in found["facts"]] == [False, True, False]
    assert found["needsRefetch"] is False


def test_what_happened_in_one_second_is_shown_as_the_fold_ranks_it(carelane, conn, subscription):
    second = "2026-11-20T09:00:00Z"
    for cause, kind in (("event:8", UPDATED), ("event:9", CREATED)):
        conn.execute(INSERT_FACT, (subscription, None, "webhook", cause, kind, second, "applied", None))
    found = carelane("subject", "show", "sub_1", "--json").document
    assert [fact["cause"] for fact in found["facts"]][:2] == ["event:9", "event:8"]


@pytest.mark.usefixtures("subscription")
def test_people_see_why_it_stands_so(carelane):
    shown = carelane("subject", "show", "sub_1").stdout
    assert "trialing -> active" in shown
    assert "conflict" in shown
    assert "evt_1" in shown


@pytest.mark.usefixtures("subscription")
def test_kind_and_account_tell_apart_those_that_share_an_id(carelane, conn):
    conn.execute("INSERT INTO subjects (kind, subject_id, account) VALUES ('subscription', 'sub_1', 'acct_1')")
    conn.execute("INSERT INTO subjects (kind, subject_id) VALUES ('invoice', 'sub_1')")
    ran = carelane("subject", "show", "sub_1")
    assert ran.exit_code == 1
    assert "acct_1" in ran.stderr
    assert carelane("subject", "show", "sub_1", "--account", "acct_1", "--json").document["account"] == "acct_1"
    assert carelane("subject", "show", "sub_1", "--kind", "invoice", "--json").document["facts"] == []


def test_an_unknown_subject_is_said_to_be_unknown(carelane):
    ran = carelane("subject", "show", "sub_0")
    assert ran.exit_code == 1
    assert "sub_0" in ran.stderr
