"""A crisis opens once, moves its person's events before all others, and is closed with a note that is sealed."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import access, crises, crisis_notes, crypto
from shared.bulk_acts import Mandate
from shared.crises import AlreadyResolved, Report
from shared.crisis_notes import Note
from shared.errors import NotFound
from shared.inbox import Inbox
from shared.rules import lanes
from shared.rules.assessment import Assessment, Thresholds
from shared.waiting import move_waiting
from tests.factories.arrivals import arrival, subscription_event

NOTE = "Spoke with her sister; she is safe tonight."


@pytest.fixture
def inbox(pool, private_key, settings):
    return Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=settings.lookup_key)


@pytest.fixture
def begin(pool, policy):
    def begin(severity="severe", source="button", user_id="p"):
        with pool.transaction() as own:
            return crises.begin(own, Report(user_id, source, severity), actor="p", policy=policy)

    return begin


@pytest.fixture
def resolve(pool, policy, private_key):
    def resolve(crisis_id):
        note = Note(NOTE, crypto.public_key_of(private_key))
        with pool.transaction() as own:
            return crises.resolve(own, crisis_id, note, actor="clinician:1", policy=policy)

    return resolve


def rows(conn):
    return conn.execute("SELECT lane, urgency, lane_reason, nudged_at FROM events ORDER BY id").fetchall()


def test_it_opens_keeps_what_the_person_has_and_tells_every_device(
    link, subscribed, begin, pool, policy, owed, audited
):
    subscribed(("active", 30))
    link()
    opened = begin()
    with pool.transaction() as own:
        found = access.read(own, "p")
        assert found.decide(policy).is_heightened
        assert [(one.level, one.tier) for one in found.known.crises] == [("full", "premium")]
    assert audited("crisis.") == ["crisis.opened"]
    ((recipient, data),) = owed("crisis:activated")
    assert recipient == "person:p"
    assert (data["crisisId"], data["severity"]) == (str(opened.crisis_id), "severe")


def test_a_second_report_finds_the_open_crisis_and_can_only_make_it_graver(link, begin, owed, audited):
    link()
    first = begin("severe")
    assert (begin("moderate").crisis_id, begin("moderate").severity) == (first.crisis_id, "severe")
    graver = begin("imminent")
    assert (graver.is_new, graver.severity) == (False, "imminent")
    assert [data["severity"] for _, data in owed("crisis:activated")] == ["severe", "imminent"]
    assert audited("crisis.").count("crisis.reported_again") == 3


def test_of_many_reports_at_once_one_opens_it(link, begin, conn):
    link()
    gate = threading.Barrier(4)

    def report(_):
        gate.wait(10)
        return begin()

    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(report, range(4)))
    assert sum(one.is_new for one in opened) == 1
    assert conn.execute("SELECT count(*) AS n FROM crises").fetchone()["n"] == 1


def test_a_report_about_nobody_is_refused(begin):
    with pytest.raises(NotFound):
        begin(user_id="nobody")


def test_the_waiting_events_of_the_person_go_first_and_only_those(link, begin, inbox, conn):
    link()
    mine = inbox.keep(arrival(), nudged=True).row_id
    later = inbox.keep(arrival(), nudged=True).row_id
    inbox.keep(arrival(subscription_event(object={"customer": "cus_other"})), nudged=True)
    done = inbox.keep(arrival(), nudged=True).row_id
    conn.execute(
        "UPDATE events SET state = 'retrying', next_attempt_at = now() + interval '1 hour' WHERE id = %s", [later]
    )
    conn.execute("UPDATE events SET state = 'processed', settled_at = now() WHERE id = %s", [done])
    opened = begin()
    assert opened.waiting == (mine,), "one that is not due yet is moved, and rung for when it is"
    first, second, other, over = rows(conn)
    for moved in (first, second):
        assert (moved["lane"], moved["urgency"], moved["lane_reason"]) == ("crisis", lanes.OPEN_CRISIS, "open-crisis")
        assert moved["nudged_at"] is None
    assert (other["lane"], over["lane"]) == ("standard", "standard")
    assert begin().waiting == ()


def test_an_event_that_is_being_tried_rides_the_crisis_lane_if_it_must_be_tried_again(link, begin, inbox, conn):
    link()
    inbox.keep(arrival(), nudged=True)
    conn.execute("UPDATE events SET state = 'processing', lease_until = now() + interval '1 minute'")
    assert begin().waiting == ()
    assert rows(conn)[0]["lane"] == "crisis"


def test_an_event_that_somebody_holds_does_not_hold_up_the_crisis(link, begin, inbox, pool):
    link()
    inbox.keep(arrival(), nudged=True)
    with pool.transaction() as holding:
        holding.execute("SELECT id FROM events FOR UPDATE")
        assert begin().waiting == ()
    with pool.transaction() as own:
        assert len(move_waiting(own)) == 1, "the relay's look for everybody finds it"


def test_an_event_kept_while_the_crisis_opened_is_moved_by_the_relays_look(link, begin, inbox, conn, pool):
    link()
    begin()
    kept = inbox.keep(arrival(), nudged=True)
    assert kept.lane == "crisis"
    conn.execute("UPDATE events SET lane = 'standard', urgency = 0, lane_reason = 'standard'")
    with pool.transaction() as own:
        assert move_waiting(own) == (kept.row_id,)
        assert move_waiting(own) == ()


def test_a_person_linked_to_a_customer_while_in_danger_brings_their_events_along(link, begin, inbox):
    link(customer=None)
    begin()
    kept = inbox.keep(arrival(), nudged=True)
    assert kept.lane == "standard"
    assert link().waiting == (kept.row_id,)


def test_it_is_resolved_once_with_a_note_that_is_sealed(link, begin, resolve, pool, conn, private_key, owed, audited):
    link()
    opened = begin()
    resolved = resolve(opened.crisis_id)
    assert resolved.resolved_by == "clinician:1"
    with pytest.raises(AlreadyResolved):
        resolve(opened.crisis_id)
    everything = str(conn.execute("SELECT * FROM crises").fetchall() + conn.execute("SELECT * FROM audit").fetchall())
    assert "sister" not in everything
    assert "sister" not in repr(Note(NOTE, b""))
    with pool.transaction() as own:
        assert crisis_notes.view(own, opened.crisis_id, private_key, Mandate("clinician:2", "handover")) == NOTE
    assert audited("crisis.note") == ["crisis.note_viewed"]
    assert [to for to, _ in owed("crisis:resolved")] == ["person:p"]
    assert begin().is_new, "the next report opens another"


def test_no_crisis_and_no_note_is_told_as_that(link, begin, resolve, pool, private_key):
    link()
    with pytest.raises(NotFound):
        resolve(uuid.uuid4())
    opened = begin()
    with pool.transaction() as own, pytest.raises(NotFound):
        crisis_notes.view(own, opened.crisis_id, private_key, Mandate("a", "b"))


def test_a_questionnaire_leaves_its_outcome_and_nothing_else(link, pool, policy, conn):
    link()
    before = conn.execute("SELECT count(*) AS n FROM audit").fetchone()["n"]
    calm = Assessment(instrument="PHQ-9", total=18, item9=0)
    assert crises.report_of("p", calm, Thresholds()) is None
    grave = crises.report_of("p", Assessment(instrument="PHQ-9", total=17, item9=3), Thresholds())
    by_total = crises.report_of("p", Assessment(instrument="GAD-7", total=19), Thresholds())
    assert grave == by_total == Report("p", "assessment", "severe")
    with pool.transaction() as own:
        crises.begin(own, grave, actor="p", policy=policy)
    assert conn.execute("SELECT count(*) AS n FROM audit").fetchone()["n"] == before + 2
    told = conn.execute("SELECT after FROM audit WHERE act = 'crisis.opened'").fetchone()["after"]
    assert told == {"userId": "p", "source": "assessment", "severity": "severe"}
