"""What staff send on again, carried through the walk once more; and the story that it leaves."""

from shared import bulk_acts, bulk_work, events
from shared.bulk_acts import REPLAY, REQUEUE, Mandate
from shared.explanation import explain
from tests.factories.arrivals import arrival, subscription_event

MANDATE = Mandate("staff", "mended")
TABLES = ("effects", "facts", "transitions", "subjects", "notices")


def changed(conn):
    """All that an event could have changed; when a subject was last looked over is no change."""
    rows = {name: conn.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in TABLES}  # noqa: S608
    return {name: [{**row, "updated_at": None} for row in found] for name, found in rows.items()}


def send_on(pool, act, event_id):
    with pool.transaction() as conn:
        work = bulk_work.named(conn, act, [event_id])
        return [outcome.outcome for outcome in bulk_acts.carry(conn, act, work.targets, MANDATE)]


def story(pool, event_id):
    with pool.transaction() as conn:
        [event] = events.find(conn, [event_id])[event_id]
        return explain(conn, event)


def test_a_replay_repeats_no_effect(inbox, processor, pool, conn):
    event = subscription_event()
    kept = inbox.keep(arrival(event), nudged=True)
    assert processor.process(kept.row_id) == "processed"
    before = changed(conn)
    assert send_on(pool, REPLAY, event["id"]) == ["replayed"]
    assert processor.process(kept.row_id) == "processed"
    assert changed(conn) == before
    assert conn.execute("SELECT series FROM attempts ORDER BY fence").fetchall() == [{"series": 1}, {"series": 2}]


def test_the_story_tells_what_an_event_changed(inbox, processor, pool):
    event = subscription_event()
    kept = inbox.keep(arrival(event), nudged=True)
    inbox.keep(arrival(event), nudged=True)
    processor.process(kept.row_id)
    told = story(pool, event["id"]).to_json()
    assert (told["state"], told["bodyKept"], told["furtherDeliveries"]) == ("processed", True, 1)
    assert told["deliveries"][0]["secretName"] == "platform"
    [fact] = told["facts"]
    assert (fact["kind"], fact["subjectId"], fact["verdict"]) == ("subscription", f"sub_{event['id'][4:]}", "applied")
    assert (fact["fromStatus"], fact["toStatus"]) == (None, "active")
    assert [wait["why"] for wait in told["waits"]] == ["first_claim"]
    assert told["latencyMilliseconds"] > 0
    assert told["withinPromise"] is None


def test_the_story_goes_on_when_staff_send_a_dead_letter_on(inbox, processor, pool):
    event = subscription_event(object={"status": None})
    kept = inbox.keep(arrival(event), nudged=True)
    assert processor.process(kept.row_id) == "dead"
    first = story(pool, event["id"])
    assert send_on(pool, REQUEUE, event["id"]) == ["requeued"]
    assert processor.process(kept.row_id) == "dead"
    told = story(pool, event["id"])
    assert [attempt.series for attempt in told.history.attempts] == [1, 2]
    assert [wait.why for wait in told.waits] == ["first_claim", "sent_on_again"]
    assert [record.act for record in told.audit] == ["event.dead", "dead_letter.requeue", "event.dead"]
    assert first.latency is not None
    assert abs(told.latency - first.latency).total_seconds() < 1  # the second series does not count
