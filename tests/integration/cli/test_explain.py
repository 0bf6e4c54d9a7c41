"""`carelane events explain`: each part of an event's story, from rows as the walk leaves them."""

import pytest

ATTEMPT = (
    "INSERT INTO attempts (event_row, fence, series, number, worker, started_at, ended_at, outcome, error_class,"
    " error_code, message) VALUES (%s, %s, %s, %s, 'crisis.1@host:7', %s, %s, %s, %s, %s, %s)"
)
DAY = "2026-11-20T10:00:"


@pytest.fixture
def storied(keep, conn):
    """An event that failed once, was ended late, came twice more, moved a subject and was looked at by staff."""
    row = keep(
        secret_name="platform",
        signed_at=f"{DAY}00Z",
        received_at=f"{DAY}01Z",
        occurred_at="2026-11-20T09:59:58Z",
        object_kind="invoice",
        object_id="in_1",
        api_version="2026-10-28.endive",
        body_bytes=1234,
        lane="crisis",
        lane_reason="open-crisis",
        urgency=30,
        state="processed",
        settled_at=f"{DAY}05.25Z",
        attempts=2,
    )
    first = (row, 1, 1, 1, f"{DAY}01.01Z", f"{DAY}01.02Z", "retrying", "transient", "database_away", "it was away")
    conn.execute(ATTEMPT, first)
    conn.execute(ATTEMPT, (row, 2, 1, 2, f"{DAY}05.2Z", f"{DAY}05.25Z", "processed", None, None, None))
    for same_body in (True, False):
        conn.execute(
            "INSERT INTO deliveries (event_row, secret_name, same_body) VALUES (%s, 'rolled', %s)", [row, same_body]
        )
    subject = conn.execute(
        "INSERT INTO subjects (kind, subject_id) VALUES ('invoice', 'in_1') RETURNING id"
    ).fetchone()["id"]
    told = (
        "INSERT INTO facts (subject_row, event_row, source, cause, type, occurred_at, data, verdict, verdict_reason)"
        " VALUES (%s, %s, 'webhook', %s, 'invoice.paid', %s, %s, 'conflict', 'paid before') RETURNING id"
    )
    data = '{"subject_id": "in_1", "status": "paid", "customer": "cus_1"}'
    conn.execute(told, [subject, None, "newer", f"{DAY}10Z", data])
    fact = conn.execute(told, [subject, row, f"event:{row}", f"{DAY}00Z", data]).fetchone()["id"]
    conn.execute("INSERT INTO transitions VALUES (%s, 1, %s, 'open', 'paid', now())", [subject, fact])
    conn.execute("INSERT INTO effects VALUES (%s, 'fact', 'invoice:in_1', %s)", [f"event:{row}", row])
    owed = "INSERT INTO notices (cause, because, kind, recipient, data) VALUES (%s, %s, 'k', 'staff', '{}')"
    for cause in (f"event:{row}", f"event:{row}#1", f"event:{row}1"):
        conn.execute(owed, [cause, None])
    for because in (f"event:evt_1#{row}", f"event:evt_1#{row}1"):
        conn.execute(owed, [f"what {because} led to", because])
    conn.execute(
        "INSERT INTO audit (actor, act, object, reason) SELECT 'cli:ann', 'looked', %s, 'time ' || n"
        " FROM generate_series(1, 60) AS n",
        [f"event:evt_1#{row}"],
    )
    conn.execute("DELETE FROM event_bodies")
    return row


@pytest.mark.usefixtures("storied")
def test_the_document_holds_the_whole_story(carelane):
    told = carelane("events", "explain", "evt_1", "--json").document
    assert (told["eventId"], told["apiVersion"], told["bodyBytes"], told["bodyKept"]) == (
        "evt_1",
        "2026-10-28.endive",
        1234,
        False,
    )
    assert told["laneWords"] == "the person behind it had an open crisis when it arrived or while it waited"
    assert [(wait["beganAt"], wait["endedAt"], wait["why"]) for wait in told["waits"]] == [
        (f"{DAY}01Z", f"{DAY}01.010000Z", "first_claim"),
        (f"{DAY}01.020000Z", f"{DAY}05.200000Z", "retry"),
    ]
    assert [attempt["errorCode"] for attempt in told["attempts"]] == ["database_away", None]
    assert (told["latencyMilliseconds"], told["promisedMilliseconds"], told["withinPromise"]) == (4250, 200, False)
    assert (told["furtherDeliveries"], [one["sameBody"] for one in told["deliveries"]]) == (2, [None, True, False])
    [fact] = told["facts"]
    assert (fact["verdict"], fact["reason"], fact["toStatus"]) == ("conflict", "paid before", "paid")
    assert fact["stale"] is True
    assert [effect["recipient"] for effect in told["effects"]] == ["invoice:in_1"]
    assert len(told["notices"]) == 3
    assert [record["reason"] for record in told["audit"]] == [f"time {n}" for n in range(11, 61)]


@pytest.mark.usefixtures("storied")
def test_people_read_it_in_sentences(carelane):
    page = " ".join(carelane("events", "explain", "evt_1").stdout.split())
    for sentence in (
        "invoice.payment_failed, about invoice in_1; the platform's own account, test mode. It is processed.",
        f"{DAY}00.000Z Signed; the secret that matched is platform.",
        f"{DAY}01.000Z Received: 1,234 bytes, API version 2026-10-28.endive.",
        "Its body is gone",
        "crisis, urgency 30, because the person behind it had an open crisis when it arrived or while it waited.",
        f"{DAY}01.000Z Waited 10 ms for a worker.",
        "by crisis.1@host:7: retrying after 10 ms because of transient/database_away: it was away.",
        f"{DAY}01.020Z Waited 4.2 s for the next attempt that the retry schedule gave it.",
        "From receipt to its end: 4.2 s, later than the 200 ms promised for the crisis lane.",
        "Came again with another body: the first was kept; the secret that matched is rolled.",
        "invoice in_1 moved from open to paid: conflict (paid before).",
        "It came late and found its place before what is newer, of which it changed nothing.",
        "Effect fact on invoice:in_1, once for ever.",
        "Notice k to staff: owed, not told yet.",
        "looked by cli:ann, because: time 60.",
    ):
        assert sentence in page


def test_one_that_still_waits_is_told_so_far(carelane, keep, conn):
    row = keep(
        state="retrying", waits_for=["guard:invoice.payment_failed"], reason_class="invalid", reason_code="schema"
    )
    conn.execute(ATTEMPT, (row, 1, 1, 1, "now", "now", "retrying", "invalid", "schema", "is required"))
    conn.execute("UPDATE attempts SET waits_for = '{guard:invoice.payment_failed}'")
    told = carelane("events", "explain", f"#{row}", "--json").document
    assert (told["waits"][-1]["why"], told["waits"][-1]["endedAt"]) == ("guard", None)
    assert (told["latencyMilliseconds"], told["withinPromise"]) == (None, None)
    page = " ".join(carelane("events", "explain", "evt_1").stdout.split())
    guard = "Waits behind the guard against a flood of dead letters of its type (guard:invoice.payment_failed), "
    for sentence in (guard, "It has not ended.", "None: it came once.", "told of no subject", "Nobody acted on it."):
        assert sentence in page


def test_a_crisis_event_in_time_is_said_to_be_in_time(carelane, keep):
    times = {"received_at": f"{DAY}01Z", "settled_at": f"{DAY}01.2Z"}
    keep(lane="crisis", lane_reason="of-a-kind-to-come", urgency=10, state="processed", **times)
    assert carelane("events", "explain", "evt_1", "--json").document["withinPromise"] is True
    page = " ".join(carelane("events", "explain", "evt_1").stdout.split())
    assert "200 ms, within the 200 ms promised for the crisis lane." in page
    assert "because of-a-kind-to-come." in page


def test_an_unknown_or_ambiguous_event_is_said_to_be_so(carelane, keep):
    assert carelane("events", "explain", "evt_1").exit_code == 1
    rows = [keep(account="acct_1"), keep()]
    ran = carelane("events", "explain", "evt_1")
    assert ran.exit_code == 1
    assert all(f"#{row}" in ran.stderr for row in rows)
    assert carelane("events", "explain", "evt_1", "--account", "acct_1", "--json").document["rowId"] == rows[0]
