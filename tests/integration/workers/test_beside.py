"""Events of people in danger that wait beside one another: carried together, each with its own end."""

import pytest

from shared.rules.lanes import MARKED_CRISIS, OPEN_CRISIS
from tests.factories.arrivals import arrival, subscription_event


def keep(inbox, conn, *, urgency=OPEN_CRISIS, **changes):
    row_id = inbox.keep(arrival(subscription_event(**changes)), nudged=True).row_id
    conn.execute("UPDATE events SET lane = 'crisis', urgency = %s WHERE id = %s", [urgency, row_id])
    return row_id


def attempts(conn):
    return conn.execute("SELECT event_row, number, outcome FROM attempts ORDER BY event_row, number").fetchall()


def states(conn):
    return {row["id"]: row["state"] for row in conn.execute("SELECT id, state FROM events")}


def test_who_waits_beside_a_person_in_danger_and_is_in_danger_too_goes_along(inbox, processor, conn):
    row_ids = [keep(inbox, conn) for _ in range(4)]
    assert processor.carry(row_ids[2:3], "crisis") == dict.fromkeys(row_ids, "processed")
    assert [row["outcome"] for row in attempts(conn)] == ["processed"] * 4


def test_of_many_no_more_than_seven_go_along(inbox, processor, conn):
    row_ids = [keep(inbox, conn) for _ in range(12)]
    assert len(processor.carry(row_ids[11:], "crisis")) == 8
    assert processor.carry(row_ids[11:], "crisis") == {row_ids[11]: "not waiting"} | dict.fromkeys(
        row_ids[7:11], "processed"
    )


@pytest.mark.parametrize(
    "kept_out",
    [
        {"urgency": MARKED_CRISIS},
        {"type": "payout.paid"},  # it may take more than one lock
    ],
)
def test_who_is_not_in_danger_or_may_take_long_does_not_go_along(inbox, processor, conn, kept_out):
    asked, beside = keep(inbox, conn), keep(inbox, conn, **kept_out)
    assert processor.carry([asked], "crisis") == {asked: "processed"}
    assert states(conn)[beside] == "received"


def test_who_failed_before_is_not_taken_along_and_takes_nobody_into_its_fate(inbox, processor, conn):
    failed, beside = keep(inbox, conn), keep(inbox, conn)
    conn.execute("UPDATE events SET state = 'retrying', attempts = 1 WHERE id = %s", [failed])
    assert processor.carry([beside], "crisis") == {beside: "processed"}
    late = keep(inbox, conn)
    assert processor.carry([failed], "crisis") == {failed: "processed", late: "processed"}
    transactions = conn.execute("SELECT count(DISTINCT xmin::text) AS n FROM facts").fetchone()["n"]
    assert transactions == 3


def test_one_that_fails_costs_only_itself(inbox, processor, conn):
    good = keep(inbox, conn)
    bad = keep(inbox, conn, object={"id": "sub_bad", "status": 7})
    other = keep(inbox, conn)
    outcomes = processor.carry([good], "crisis")
    assert (outcomes[good], outcomes[other]) == ("processed", "processed")
    assert outcomes[bad] == "dead"
