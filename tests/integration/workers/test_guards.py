"""A flood of deaths of one type is dammed: the rest of that type waits, other types go on, and staff are told."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import REGISTRY

from shared import guards
from shared.bulk_acts import Mandate
from shared.rules.guard import FloodRule
from tests.factories.arrivals import arrival, subscription_event

FLOOD = FloodRule(deaths=5, percent=50, minutes=15)
MANDATE = Mandate("cli:test", "mended")
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
    for _ in range(7):
        assert guarded.process(keep(inbox)) == "dead"
        for _ in range(2):
            assert guarded.process(keep(inbox, broken=False)) == "processed"
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
    assert guards.lift(conn, UPDATED, MANDATE)
    assert not guards.lift(conn, UPDATED, MANDATE)
    assert guards.release(conn, UPDATED) == 4
    assert acts(conn).count("guard.lifted") == 1
    assert guarded.process(rows[-1]) == "dead"
    assert guards.standing(conn) == []


def test_when_the_cause_still_stands_it_opens_again_after_as_many_deaths(inbox, guarded, conn):
    for _ in range(6):
        guarded.process(keep(inbox))
    guards.lift(conn, UPDATED, MANDATE)
    assert [guarded.process(keep(inbox)) for _ in range(6)] == ["dead"] * 4 + ["retrying"] * 2


def test_staff_may_let_what_cannot_be_processed_die(inbox, guarded, conn):
    rows = [keep(inbox) for _ in range(12)]
    for row_id in rows:
        guarded.process(row_id)
    assert guards.lift(conn, UPDATED, MANDATE, let_die_minutes=60)
    assert guards.release(conn, UPDATED) == 8
    assert [guarded.process(row_id) for row_id in rows[4:]] == ["dead"] * 8
    assert guards.standing(conn) == []


def test_many_good_ones_before_hide_no_flood(inbox, guarded, conn):
    for _ in range(40):
        assert guarded.process(keep(inbox, broken=False)) == "processed"
    assert [guarded.process(keep(inbox)) for _ in range(7)] == ["dead"] * 4 + ["retrying"] * 3


def test_the_doors_readiness_does_not_know_of_it(inbox, guarded, conn):
    for _ in range(6):
        guarded.process(keep(inbox))
    assert guards.standing(conn)
    assert inbox.ready()


def test_it_is_counted_once(inbox, guarded):
    before = REGISTRY.get_sample_value("carelane_guards_opened_total")
    for _ in range(8):
        guarded.process(keep(inbox))
    assert REGISTRY.get_sample_value("carelane_guards_opened_total") == before + 1


def test_a_flood_that_goes_on_after_its_guard_opens_another(inbox, guarded, conn):
    for _ in range(6):
        guarded.process(keep(inbox))
    conn.execute("UPDATE guards SET ends_at = now()")
    assert [guarded.process(keep(inbox)) for _ in range(5)] == ["dead"] * 4 + ["retrying"]
    assert acts(conn).count("guard.opened") == 2


def test_events_without_a_type_have_a_guard_of_their_own(inbox, guarded, conn):
    for number in range(6):
        body = arrival(body=b"[]", event_id=f"sha256:{number}", type=None)
        guarded.process(inbox.keep(body, nudged=True).row_id)
    (guard,) = guards.standing(conn)
    assert guard.type == ""
    assert guard.to_json()["type"] is None
