def discard(carelane, *arguments):
    return carelane("dead", "discard", *arguments, "--reason", "of no use", "--yes", "--json")


def test_what_is_discarded_stays_dead_and_is_on_record(carelane, bury, conn):
    row = bury(attempts=1)
    ran = discard(carelane, "evt_1")
    assert ran.exit_code == 0
    assert ran.document["outcomes"] == [{"id": "evt_1", "outcome": "discarded"}]
    event = conn.execute("SELECT state, series, attempts, discarded_at FROM events").fetchone()
    assert (event["state"], event["series"], event["attempts"]) == ("dead", 1, 1)
    [record] = conn.execute("SELECT act, object, reason, before, after FROM audit").fetchall()
    assert (record["act"], record["object"], record["reason"]) == (
        "dead_letter.discard",
        f"event:evt_1#{row}",
        "of no use",
    )
    assert "discardedAt" not in record["before"]
    assert carelane("dead", "show", "evt_1", "--json").document["discardedAt"] == record["after"]["discardedAt"]


def test_the_discarded_leave_the_list_and_are_not_discarded_twice(carelane, bury, everything):
    bury()
    discard(carelane, "--all")
    assert carelane("dead", "list", "--json").document["total"] == 0
    before = everything()
    again = discard(carelane, "evt_1")
    assert (again.exit_code, again.document["outcomes"]) == (
        1,
        [{"id": "evt_1", "outcome": "already_discarded", "state": "dead"}],
    )
    assert discard(carelane, "--all").exit_code == 1
    assert everything() == before


def test_a_requeue_undoes_it_and_says_so(carelane, bury, conn):
    bury()
    discard(carelane, "evt_1")
    assert carelane("dead", "requeue", "evt_1", "--reason", "after all", "--yes").exit_code == 0
    assert conn.execute("SELECT state, discarded_at FROM events").fetchone() == {
        "state": "retrying",
        "discarded_at": None,
    }
    _, record = conn.execute("SELECT before FROM audit ORDER BY id").fetchall()
    assert record["before"]["discardedAt"].endswith("Z")


def test_filters_pick_what_is_discarded(carelane, bury, conn):
    bury("evt_a")
    bury("evt_b", reason_code="unparsable")
    assert discard(carelane, "--code", "unparsable").document["matched"] == 1
    rows = conn.execute("SELECT event_id FROM events WHERE discarded_at IS NOT NULL").fetchall()
    assert rows == [{"event_id": "evt_b"}]


def test_only_the_dead_are_discarded(carelane, keep, everything):
    keep("evt_waits")
    keep("evt_done", state="processed", settled_at="now")
    before = everything()
    ran = discard(carelane, "evt_waits", "evt_done", "evt_none")
    assert ran.exit_code == 1
    assert {one["id"]: one["outcome"] for one in ran.document["outcomes"]} == {
        "evt_waits": "already_running",
        "evt_done": "not_dead",
        "evt_none": "not_found",
    }
    assert everything() == before


def test_without_a_reason_nothing_is_done(carelane, bury, everything):
    bury()
    before = everything()
    for command in (("dead", "discard"), ("dead", "requeue"), ("events", "replay")):
        for reason in ((), ("--reason", " "), ("--reason", "x" * 501)):
            ran = carelane(*command, "evt_1", "--yes", *reason)
            assert ran.exit_code == 2, (command, reason)
            assert "--reason: " in ran.stderr
    assert everything() == before
