import pytest


def rows_of(conn):
    return {row["event_id"]: row for row in conn.execute("SELECT * FROM events ORDER BY id")}


def audits(conn):
    return list(conn.execute("SELECT actor, act, object, reason, before, after FROM audit ORDER BY id"))


def outcomes(ran):
    return {line["id"]: line["outcome"] for line in ran.document["outcomes"]}


def requeue(carelane, *arguments, **more):
    return carelane("dead", "requeue", *arguments, "--reason", "fixed upstream", "--yes", "--json", **more)


def test_the_list_counts_what_they_died_of(carelane, bury, keep):
    for number in range(3):
        bury(f"evt_{number}")
    bury("evt_bug", reason_class="bug", reason_code="KeyError", type=None)
    keep("evt_alive")
    found = carelane("dead", "list", "--limit", "2", "--json").document
    assert [letter["eventId"] for letter in found["deadLetters"]] == ["evt_bug", "evt_2"]
    assert found["total"] == 4
    assert found["causes"] == [
        {"class": "invalid", "code": "schema", "type": "invoice.payment_failed", "count": 3},
        {"class": "bug", "code": "KeyError", "type": None, "count": 1},
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--type", "payout.paid"), {"evt_b"}),
        (("--class", "bug"), {"evt_b"}),
        (("--code", "schema", "--code", "KeyError"), {"evt_a", "evt_b"}),
        (("--account", "acct_1"), {"evt_b"}),
        (("--lane", "crisis"), {"evt_b"}),
        (("--since", "2026-11-20T12:00"), {"evt_b"}),
        (("--until", "2026-11-20T12:00"), {"evt_a"}),
        (("--text", "OBJECT.ID"), {"evt_a"}),
        (("--text", "100%"), set()),
        (("--person", "person-1"), {"evt_b"}),
        (("--person", "person-2"), set()),
        (("--discarded",), {"evt_a", "evt_b", "evt_c"}),
    ],
)
def test_the_same_filters_list_and_requeue(carelane, bury, person, conn, options, found):
    bury("evt_a")
    bury(
        "evt_b",
        type="payout.paid",
        reason_class="bug",
        reason_code="KeyError",
        reason_path=None,
        account="acct_1",
        lane="crisis",
        customer_hash=person("person-1"),
        settled_at="2026-11-21T00:00:00Z",
    )
    bury("evt_c", discarded_at="2026-11-20T11:00:00Z")
    listed = carelane("dead", "list", *options, "--json").document["deadLetters"]
    assert {letter["eventId"] for letter in listed} == found
    which = options if options != ("--discarded",) else ("--all", "--discarded")
    requeue(carelane, *which)
    assert {event for event, row in rows_of(conn).items() if row["state"] == "retrying"} == found


def test_an_event_that_is_not_dead_is_no_dead_letter(carelane, keep):
    keep()
    ran = carelane("dead", "show", "evt_1", "--json")
    assert ran.exit_code == 1
    assert "received" in ran.stderr


def test_a_requeue_begins_a_new_series_and_is_on_record(carelane, bury, conn):
    row = bury(attempts=3, nudged_at="2026-11-20T09:00:00Z", waits_for=["guard:x"])
    ran = requeue(carelane, "evt_1")
    assert ran.exit_code == 0
    outcome = {"id": "evt_1", "outcome": "requeued"}
    assert ran.document == {"dryRun": False, "matched": 1, "cancelled": False, "outcomes": [outcome]}
    event = rows_of(conn)["evt_1"]
    assert (event["state"], event["series"], event["attempts"]) == ("retrying", 2, 0)
    cleared = ("nudged_at", "settled_at", "discarded_at", "waits_for", "reason_class", "reason_code", "reason_path")
    assert [event[name] for name in cleared] == [None] * 7
    [record] = audits(conn)
    assert record["actor"].startswith("cli:")
    assert (record["act"], record["object"]) == ("dead_letter.requeue", f"event:evt_1#{row}")
    assert record["reason"] == "fixed upstream"
    assert record["before"]["reason"] == {"class": "invalid", "code": "schema", "path": "data.object.id"}
    assert record["after"] == {"state": "retrying", "series": 2}


def test_every_id_has_its_outcome(carelane, bury, keep, conn):
    bury("evt_dead")
    keep("evt_alive")
    keep("evt_done", state="processed", settled_at="2026-11-20T10:00:00Z")
    bury("evt_twice", account="acct_1")
    bury("evt_twice", account="acct_2")
    ran = requeue(carelane, "evt_dead", "evt_alive", "evt_done", "evt_twice", "evt_none", "evt_dead")
    assert ran.exit_code == 1
    assert outcomes(ran) == {
        "evt_dead": "requeued",
        "evt_alive": "already_running",
        "evt_done": "not_dead",
        "evt_twice": "ambiguous",
        "evt_none": "not_found",
    }
    assert len(audits(conn)) == 1


def test_an_account_tells_apart_those_that_share_an_id(carelane, bury, conn):
    for account in ("acct_1", "acct_2"):
        bury(account=account)
    assert requeue(carelane, "evt_1", "--account", "acct_2").exit_code == 0
    states = {row["account"]: row["state"] for row in conn.execute("SELECT account, state FROM events")}
    assert states == {"acct_1": "dead", "acct_2": "retrying"}


def test_what_was_put_aside_is_requeued_only_by_name_or_on_demand(carelane, bury, conn):
    bury("evt_aside", discarded_at="2026-11-20T11:00:00Z")
    assert requeue(carelane, "--all").exit_code == 1
    assert rows_of(conn)["evt_aside"]["state"] == "dead"
    assert requeue(carelane, "evt_aside").exit_code == 0
    assert rows_of(conn)["evt_aside"]["discarded_at"] is None


MISUSES = (
    (),
    ("--yes",),
    ("--all",),
    ("--all", "--reason", " "),
    ("--all", "--reason", "x" * 501),
    ("--all", "--lane", "crisis", "--reason", "x"),
    ("evt_1", "--all", "--reason", "x"),
    ("evt_1", "--lane", "crisis", "--reason", "x"),
    ("--livemode", "--all", "--reason", "x"),
    ("--since", "whenever", "--reason", "x"),
    ("evt 1", "--reason", "x"),
    ("--all", "--rate", "0", "--reason", "x"),
    ("--text", "a\x1bb", "--reason", "x"),
)


def test_what_cannot_be_meant_is_a_usage_error_and_changes_nothing(carelane, bury, everything):
    bury()
    before = everything()
    for arguments in MISUSES:
        assert carelane("dead", "requeue", *arguments, "--yes").exit_code == 2, arguments
    assert everything() == before


def test_a_filter_that_matches_nothing_says_so(carelane, bury, conn):
    bury()
    ran = requeue(carelane, "--type", "payout.*")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "No dead letter matches" in ran.stderr
    assert audits(conn) == []


@pytest.mark.parametrize("which", [("--all",), ("evt_1",)])
def test_a_dry_run_counts_and_changes_nothing(carelane, bury, conn, which):
    bury()
    ran = carelane("dead", "requeue", *which, "--dry-run", "--json")
    assert ran.exit_code == 0
    document = ran.document
    counts = [{"class": "invalid", "code": "schema", "type": "invoice.payment_failed", "count": 1}]
    assert document.pop("counts", counts) == counts
    assert document == {"dryRun": True, "matched": 1, "cancelled": False, "outcomes": []}
    assert rows_of(conn)["evt_1"]["state"] == "dead"


@pytest.mark.parametrize(("answer", "state"), [("y\n", "retrying"), ("n\n", "dead"), ("", "dead")])
def test_it_asks_first(carelane, bury, conn, answer, state):
    bury()
    ran = carelane("dead", "requeue", "--all", "--reason", "x", answer=answer)
    assert "Requeue 1 dead letter(s)?" in ran.stderr
    assert rows_of(conn)["evt_1"]["state"] == state
    assert (ran.exit_code == 0) == (state == "retrying")
