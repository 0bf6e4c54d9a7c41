"""A flood of deaths of one type is dammed: the rest of that type waits, other types go on, and staff are told."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import guards
from shared.rules.guard import FloodRule
from tests.factories.arrivals import arrival, subscription_event

FLOOD = FloodRule(deaths=5, percent=50, minutes=15)
UPDATED, CREATED = "customer.subscription.updated", "customer.subscription.created"


@pytest.fixture
def guarded(processor):
    return dataclasses.replace(processor, flood=FLOOD)


def keep(inbox, *, type=UPDATED, broken=True):  # noqa: A002 - the field's own word
    event = subscription_event(object={"status": 7 if broken else "active"}, type=type)
    return inbox.keep(arrival(event), nudged=True).row_id


def acts(conn):
    return [row["act"] for row in conn.execute("SELECT act FROM audit ORDER BY id")]


def test_the_flood_is_parked_and_other_types_go_on(inbox, guarded, conn):
    outcomes = [guarded.process(keep(inbox)) for _ in range(8)]
    assert outcomes == ["dead"] * 4 + ["retrying"] * 4
    assert guarded.process(keep(inbox, type=CREATED)) == "dead"
    assert guarded.process(keep(inbox, type=CREATED, broken=False)) == "processed"
    (guard,) = guards.standing(conn)
    assert (guard.type, guard.deaths, guard.ended, guard.parked) == (UPDATED, 5, 5, 4)


def test_what_can_be_processed_is_processed_behind_a_guard_too(inbox, guarded):
    for _ in range(6):
        guarded.process(keep(inbox))
    assert guarded.process(keep(inbox, broken=False)) == "processed"


def test_deaths_among_many_that_live_are_no_flood(inbox, guarded, conn):
    for _ in range(12):
        assert guarded.process(keep(inbox, broken=False)) == "processed"
    assert [guarded.process(keep(inbox)) for _ in range(7)] == ["dead"] * 7
    assert guards.standing(conn) == []


def test_old_deaths_do_not_count(inbox, guarded, conn):
    for _ in range(4):
        guarded.process(keep(inbox))
    conn.execute("UPDATE events SET settled_at = settled_at - interval '16 minutes'")
    assert guarded.process(keep(inbox)) == "dead"


def test_a_guard_is_raised_once(inbox, guarded, conn):
    rows = [keep(inbox) for _ in range(24)]
    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(guarded.process, rows))
    assert 4 <= outcomes.count("dead") < 24 - 6
    assert acts(conn).count("guard.opened") == 1
    (notice,) = conn.execute("SELECT * FROM notices WHERE kind = 'dead_letter:flood'").fetchall()
    assert notice["data"]["type"] == UPDATED


def test_a_parked_event_says_what_it_died_of_and_what_it_waits_for(inbox, guarded, conn):
    for _ in range(5):
        row_id = keep(inbox)
        guarded.process(row_id)
    row = conn.execute("SELECT *, next_attempt_at - now() AS wait FROM events WHERE id = %s", [row_id]).fetchone()
    assert (row["state"], row["reason_code"], row["reason_path"]) == ("retrying", "schema", "data.object.status")
    assert row["waits_for"] == [f"guard:{UPDATED}"]
    assert 14 * 60 < row["wait"].total_seconds() <= 16 * 60


def test_lifting_it_lets_them_be_tried_again(inbox, guarded, conn, pool):
    rows = [keep(inbox) for _ in range(8)]
    for row_id in rows:
        guarded.process(row_id)
    assert guards.lift(conn, UPDATED, actor="cli:test", reason="mended")
    assert not guards.lift(conn, UPDATED, actor="cli:test", reason="again")
    assert guards.release(conn, UPDATED) == 4
    assert acts(conn).count("guard.lifted") == 1
    mended = dataclasses.replace(guarded, flood=FloodRule(deaths=100, percent=50, minutes=15))
    assert mended.process(rows[-1]) == "dead"


def test_a_flood_that_goes_on_after_its_guard_opens_another(inbox, guarded, conn):
    for _ in range(6):
        guarded.process(keep(inbox))
    conn.execute("UPDATE guards SET ends_at = now()")
    assert guarded.process(keep(inbox)) == "retrying"
    assert acts(conn).count("guard.opened") == 2


def test_events_without_a_type_have_a_guard_of_their_own(inbox, guarded, conn):
    for number in range(6):
        body = arrival(body=b"[]", event_id=f"sha256:{number}", type=None)
        guarded.process(inbox.keep(body, nudged=True).row_id)
    (guard,) = guards.standing(conn)
    assert guard.type == ""
    assert guard.to_json()["type"] is None
