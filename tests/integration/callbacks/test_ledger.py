"""Callbacks keep their order, hold up nobody else, are tried for three days, and are not sent twice for one claim."""

import threading

import pytest

from shared import callback_acts, callbacks
from shared.errors import NotFound
from tests.fakes import receiver as bad
from tests.fakes.receiver import OK, status
from workers import callback_ledger

DAYS = 30


def again(conn):
    conn.execute("UPDATE callback_deliveries SET next_attempt_at = now() WHERE ended_at IS NULL")
    conn.execute("UPDATE callback_endpoints SET paused_until = NULL")


def kinds(receiver):
    return [body.split(b'"')[3].decode() for _, _, body, _ in receiver.requests]


def hand(pool):
    with pool.transaction() as own:
        return callback_ledger.hand(own)


def drain(sending, made):
    while sending.send_next(made.endpoint_id):
        pass


def test_order_is_kept_for_each_recipient_and_another_is_not_held_up(receiver, endpoint, tell, sending, conn):
    receiver.behave(status(500), OK)
    made = endpoint(receiver.url)
    tell(kind="first", recipient="person:a")
    tell(kind="second", recipient="person:a")
    tell(kind="other", recipient="person:b")
    drain(sending(), made)
    assert kinds(receiver) == ["first", "other"]
    again(conn)
    drain(sending(), made)
    assert kinds(receiver) == ["first", "other", "first", "second"]


def test_what_staff_is_told_of_one_subject_holds_up_none_about_another(receiver, endpoint, tell, sending):
    receiver.behave(status(500), OK)
    made = endpoint(receiver.url)
    tell(kind="first", recipient="staff")
    tell(kind="second", recipient="staff")
    drain(sending(), made)
    assert kinds(receiver) == ["first", "second"]


def test_people_in_danger_go_before_a_backlog_and_past_a_pause(receiver, endpoint, tell, sending, conn):
    made = endpoint(receiver.url)
    for _ in range(3):
        tell(kind="access:updated")
    tell(kind="crisis:activated")
    sending().send_next(made.endpoint_id)
    conn.execute("UPDATE callback_endpoints SET paused_until = now() + interval '1 hour'")
    tell(kind="crisis:resolved")
    drain(sending(), made)
    assert kinds(receiver) == ["crisis:activated", "crisis:resolved"]
    assert not sending().send_next(made.endpoint_id, urgent_only=True)


def test_people_in_danger_do_not_wait_until_an_endpoint_has_caught_up(receiver, endpoint, sending, pool, conn):
    made = endpoint(receiver.url, kinds=["crisis:*", "payout:*"])
    behind = [("payout:stale", "staff")] * (2 * callback_ledger.MOST_HANDED)
    steps = [
        ("crisis:resolved", "person:q"),
        ("crisis:activated", "person:p"),
        *behind,
        ("crisis:resolved", "person:p"),
    ]
    conn.execute(
        "INSERT INTO notices (cause, kind, recipient, data, position, told_at) "
        "SELECT position::text, kind, recipient, '{}', position, now() "
        "FROM unnest(%s::text [], %s::text []) WITH ORDINALITY AS told (kind, recipient, position)",
        [list(part) for part in zip(*steps, strict=True)],
    )
    conn.execute("UPDATE outbox SET newest = %s", [len(steps)])
    conn.execute("UPDATE callback_endpoints SET handed_position = 1")
    with pool.transaction() as own:
        callback_ledger.hand(own, ["person:p"])
    for _ in range(2):
        sending().send_next(made.endpoint_id)
    assert kinds(receiver) == ["crisis:activated", "crisis:resolved"]
    while hand(pool):
        pass
    handed = conn.execute("SELECT position FROM callback_deliveries ORDER BY position").fetchall()
    assert [row["position"] for row in handed] == list(range(2, len(steps) + 1)), "and nothing is handed twice"


def test_one_endpoints_trouble_is_no_others(receiver, endpoint, tell, sending, deliveries):
    worse = bad.Receiver()
    worse.behave(bad.hangs)
    hanging, well = endpoint(worse.url, name="hanging"), endpoint(receiver.url, name="well")
    tell()
    waiting = threading.Thread(target=sending(seconds=3).send_next, args=[hanging.endpoint_id])
    waiting.start()
    assert sending().send_next(well.endpoint_id)
    assert waiting.is_alive()
    waiting.join()
    worse.close()
    assert sorted(deliveries("outcome, reason"), key=str) == [("delivered", None), (None, "timeout")]


def test_two_senders_at_once_send_each_callback_once(receiver, endpoint, tell, sending, deliveries):
    made = endpoint(receiver.url)
    for number in range(20):
        tell(recipient=f"person:{number % 4}")
    threads = [threading.Thread(target=drain, args=[sending(), made]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(sending(), made)
    assert deliveries() == [("delivered", None, 1)] * 20
    assert len(receiver.requests) == 20


def test_a_claim_whose_sender_died_is_taken_over_and_the_late_one_settles_nothing(
    receiver, endpoint, tell, sending, pool, conn, deliveries
):
    made = endpoint(receiver.url)
    tell()
    with pool.transaction() as own:
        lost = callback_ledger.claim(own, made.endpoint_id, worker="dead", lease_seconds=60, urgent_only=False)
    assert not sending().send_next(made.endpoint_id)
    conn.execute("UPDATE callback_deliveries SET lease_until = now() - interval '1 second'")
    assert sending().send_next(made.endpoint_id)
    assert deliveries() == [("delivered", None, 2)]
    with pool.transaction() as own:
        assert not callback_ledger.deliver(own, lost)
        assert callback_ledger.fail(own, lost, callback_ledger.GiveUp(), reason="timeout") is None


def test_what_a_killed_sender_held_goes_on_at_once(receiver, endpoint, tell, sending, pool, deliveries):
    made = endpoint(receiver.url)
    tell()
    with pool.transaction() as own:
        callback_ledger.claim(own, made.endpoint_id, worker="killed", lease_seconds=60, urgent_only=False)
    with pool.transaction() as own:
        assert callback_ledger.release_lost(own, lambda _: False) == 0
        assert callback_ledger.release_lost(own, lambda owner: owner == "killed") == 1
    assert sending().send_next(made.endpoint_id)
    assert deliveries() == [("delivered", None, 2)]


def test_after_three_days_a_callback_is_dead_for_a_reason_and_can_be_sent_on_again(
    receiver, endpoint, tell, sending, pool, conn, deliveries
):
    receiver.behave(status(500), status(500), OK)
    made = endpoint(receiver.url)
    tell()
    sending().send_next(made.endpoint_id)
    conn.execute("UPDATE callback_deliveries SET first_tried_at = now() - interval '3 days'")
    again(conn)
    sending().send_next(made.endpoint_id)
    assert deliveries() == [("dead", "status_500", 2)]
    owed = conn.execute("SELECT data FROM notices WHERE kind = 'callback:dead_letter'").fetchall()
    assert [(row["data"]["endpoint"], row["data"]["reason"]) for row in owed] == [("backend", "status_500")]
    with pool.transaction() as own:
        (dead,) = callback_acts.dead(own, "backend", after=0, most=10)
        assert (dead.kind, dead.reason, dead.attempts) == ("access:updated", "status_500", 2)
        assert callback_acts.requeue(own, "backend", [dead.id], actor="test", reason="mended") == 1
    assert sending().send_next(made.endpoint_id)
    assert deliveries() == [("delivered", None, 1)]


@pytest.mark.parametrize(("code", "failing"), [(410, "1 minute"), (500, "3 days")])
def test_an_endpoint_that_is_gone_or_failed_for_days_is_disabled_and_staff_are_told_once(
    code, failing, receiver, endpoint, tell, sending, conn, pool
):
    receiver.behave(status(code))
    made = endpoint(receiver.url)
    conn.execute(f"UPDATE callback_endpoints SET failures = 9, failing_since = now() - interval '{failing}'")  # noqa: S608
    tell()
    sending().send_next(made.endpoint_id)
    row = conn.execute("SELECT disabled_at, disabled_because FROM callback_endpoints").fetchone()
    assert row["disabled_at"] is not None
    assert row["disabled_because"] == f"status_{code}"
    told = conn.execute("SELECT recipient, data FROM notices WHERE kind = 'callback:endpoint_disabled'").fetchall()
    assert [(row["recipient"], row["data"]["endpoint"]) for row in told] == [("staff", "backend")]
    again(conn)
    tell()
    assert not sending().send_next(made.endpoint_id)
    assert callback_ledger.due(conn) == {}


def test_an_endpoint_that_is_enabled_again_gets_what_it_missed_but_nothing_about_itself(
    receiver, endpoint, tell, sending, pool, conn, deliveries
):
    made = endpoint(receiver.url)
    with pool.transaction() as own:
        callback_acts.give_up(own, made.endpoint_id, because="status_500")
    tell(kind="missed")
    assert deliveries() == []
    with pool.transaction() as own:
        callback_acts.enable(own, "backend", actor="test", skips=False, days=DAYS)
        callback_ledger.hand(own)
    drain(sending(), made)
    assert kinds(receiver) == ["missed"]


def test_an_endpoint_may_skip_what_it_missed(receiver, endpoint, tell, sending, pool, deliveries):
    made = endpoint(receiver.url)
    tell(kind="waiting")
    with pool.transaction() as own:
        callback_acts.disable(own, "backend", actor="test", reason="moving")
    tell(kind="missed")
    with pool.transaction() as own:
        callback_acts.enable(own, "backend", actor="test", skips=True, days=DAYS)
    tell(kind="new")
    drain(sending(), made)
    assert kinds(receiver) == ["new"]
    assert deliveries() == [("dead", "skipped", 0), ("delivered", None, 1)]


def test_when_an_endpoint_is_back_all_that_waits_for_it_is_due_at_once(receiver, endpoint, tell, sending, conn):
    receiver.behave(*[status(503)] * 5, OK)
    made = endpoint(receiver.url)
    for number in range(6):
        tell(recipient=f"person:{number}")
    drain(sending(), made)
    assert len(receiver.requests) == 5, "after five failures in a row one a minute tries"
    assert callback_ledger.due(conn) == {}
    conn.execute("UPDATE callback_endpoints SET paused_until = now()")
    drain(sending(), made)
    assert len(receiver.requests) == 11
    row = conn.execute("SELECT failures, failing_since, paused_until FROM callback_endpoints").fetchone()
    assert tuple(row.values()) == (0, None, None)


def test_an_endpoint_gets_the_kinds_it_wants_once_each_however_many_recipients(receiver, endpoint, tell, sending):
    made = endpoint(receiver.url, kinds=["payout:*", "crisis:activated"])
    tell(kind="payout:critical_update", recipient="creator:c", cause="one")
    tell(kind="payout:critical_update", recipient="staff", cause="one")
    tell(kind="access:updated")
    tell(kind="crisis:activated")
    tell(kind="crisis:resolved")
    drain(sending(), made)
    assert sorted(kinds(receiver)) == ["crisis:activated", "payout:critical_update"]


def test_however_many_endpoints_there_are_each_gets_on(endpoint, tell, pool, conn, deliveries):
    for number in range(25):
        endpoint("https://example.com/", name=f"endpoint-{number}")
    tell()
    while hand(pool):
        pass
    assert len(deliveries()) == 25


def test_handing_twice_at_once_hands_once(pool, endpoint, tell, conn, deliveries):
    endpoint("https://example.com/")
    tell()
    conn.execute("UPDATE callback_endpoints SET handed_position = 0")
    with pool.transaction() as one, pool.transaction() as other:
        threads = [threading.Thread(target=callback_ledger.hand, args=[each]) for each in (one, other)]
        threads[0].start()
        threads[0].join()
        one.commit()
        threads[1].start()
        threads[1].join()
    assert len(deliveries()) == 1


def test_what_nobody_knows_is_named(pool):
    with pool.transaction() as own:
        for act in (
            lambda: callback_acts.disable(own, "nobody", actor="test", reason="r"),
            lambda: callback_acts.enable(own, "nobody", actor="test", skips=False, days=DAYS),
            lambda: callbacks.roll(own, "nobody", actor="test", key=b"k" * 32),
            lambda: callback_acts.dead(own, "nobody", after=0, most=1),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_name_is_given_once(endpoint):
    endpoint("https://example.com/")
    with pytest.raises(callbacks.NameTaken):
        endpoint("https://example.org/")
