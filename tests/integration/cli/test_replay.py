DONE = {"state": "processed", "settled_at": "2026-11-20T10:00:00Z"}
IGNORED = {**DONE, "state": "ignored", "reason_class": "ignored", "reason_code": "no_handler"}


def replay(carelane, *arguments):
    return carelane("events", "replay", *arguments, "--reason", "mended", "--yes", "--json")


def test_a_replay_begins_a_new_series_and_keeps_the_old(carelane, keep, conn):
    row = keep(attempts=2, waits_for=["account:acct_1"], nudged_at="now", **IGNORED)
    conn.execute(
        "INSERT INTO attempts (event_row, fence, series, number, worker, ended_at, outcome)"
        " VALUES (%s, 1, 1, 1, 'w', now(), 'ignored')",
        [row],
    )
    assert replay(carelane, "evt_1").document["outcomes"] == [{"id": "evt_1", "outcome": "replayed"}]
    event = conn.execute("SELECT * FROM events").fetchone()
    assert (event["state"], event["series"], event["attempts"]) == ("retrying", 2, 0)
    cleared = ("waits_for", "nudged_at", "settled_at", "reason_class", "reason_code")
    assert [event[name] for name in cleared] == [None] * 5
    assert conn.execute("SELECT count(*) FROM attempts").fetchone()["count"] == 1
    [record] = conn.execute("SELECT act, object, reason, before, after FROM audit").fetchall()
    assert (record["act"], record["object"], record["reason"]) == ("event.replay", f"event:evt_1#{row}", "mended")
    assert record["before"] == {
        "state": "ignored",
        "series": 1,
        "reason": {"class": "ignored", "code": "no_handler"},
    }
    assert record["after"] == {"state": "retrying", "series": 2}


def test_the_dead_are_told_where_to_go_and_the_running_are_left(carelane, bury, keep, everything):
    bury("evt_dead")
    keep("evt_waits")
    before = everything()
    ran = replay(carelane, "evt_dead", "evt_waits", "evt_none")
    assert ran.exit_code == 1
    assert ran.document["outcomes"] == [
        {"id": "evt_dead", "outcome": "dead", "state": "dead", "hint": "use dead requeue"},
        {"id": "evt_waits", "outcome": "already_running", "state": "received"},
        {"id": "evt_none", "outcome": "not_found"},
    ]
    assert "dead: use dead requeue" in carelane("events", "replay", "evt_dead", "--reason", "x", "--yes").stdout
    assert everything() == before


PICKS = {
    ("--all",): {"done", "ignored", "old"},
    ("--state", "processed"): {"done", "old"},
    ("--type", "ign*"): {"ignored"},
    ("--lane", "crisis"): {"done"},
    ("--account", "acct_1"): {"ignored"},
    ("--person", "person-1"): {"done"},
    ("--object", "sub_1"): {"done"},
    ("--since", "2026-01-01"): {"done", "ignored"},
    ("--until", "2026-01-01"): {"old"},
}


def test_filters_pick_what_is_replayed(carelane, keep, bury, person):
    known = person("person-1")
    keep("evt_1", type="done", lane="crisis", customer_hash=known, object_id="sub_1", **DONE)
    keep("evt_2", type="ignored", account="acct_1", **IGNORED)
    keep("evt_3", type="old", received_at="2025-12-31T00:00:00Z", **DONE)
    keep("evt_4", type="waits", lane="crisis", customer_hash=known)
    bury("evt_5", type="dead")
    for options, found in PICKS.items():
        counts = carelane("events", "replay", *options, "--dry-run", "--json").document["counts"]
        assert {count["type"] for count in counts} == found, options


def test_the_count_tells_types_and_states(carelane, keep, everything):
    for number in range(3):
        keep(f"evt_{number}", **DONE)
    keep("evt_other", type="payout.paid", **IGNORED)
    before = everything()
    assert carelane("events", "replay", "--all", "--dry-run", "--json").document["counts"] == [
        {"type": "invoice.payment_failed", "state": "processed", "count": 3},
        {"type": "payout.paid", "state": "ignored", "count": 1},
    ]
    assert "3 processed" in carelane("events", "replay", "--all", "--dry-run").stdout.replace("     ", " ")
    assert everything() == before


def test_what_cannot_be_replayed_or_matches_nothing_changes_nothing(carelane, bury, keep, everything):
    bury("evt_dead")
    keep("evt_done", **DONE)
    before = everything()
    for options, code in ((("--state", "dead"), 2), (("--state", "received"), 2), (("--type", "x.*"), 1), ((), 2)):
        ran = replay(carelane, *options)
        assert (ran.exit_code, ran.stdout) == (code, ""), options
        assert ran.stderr
    assert everything() == before
