"""Cases 45 and 46, and the promise that a person in danger waits for nobody, whatever lies before them."""

import secrets

import pytest

from tests.chaos import backlog
from tests.chaos.own import own_scene
from tests.chaos.scene import critical, standard
from tests.running import until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]
PROMISED_MS = 200
STARTS = """
    SELECT extract(epoch FROM started_at - received_at) * 1000 AS waited_ms,
        extract(epoch FROM settled_at - received_at) * 1000 AS settled_ms
    FROM events JOIN attempts ON event_row = events.id AND attempts.fence = 1 WHERE event_id = ANY(%s)"""
# How many of the lane behind were begun between the receipt and the start of one that goes first.
BEGUN_MEANWHILE = """
    SELECT max(begun) AS most FROM (
        SELECT (
            SELECT count(*) FROM attempts AS other JOIN events AS behind ON behind.id = other.event_row
            WHERE behind.urgency < first.urgency
                AND other.started_at > first.received_at AND other.started_at < attempts.started_at
        ) AS begun
        FROM events AS first JOIN attempts ON attempts.event_row = first.id AND attempts.fence = 1
        WHERE first.event_id = ANY(%s)
    ) AS told"""
# A worker may have begun what was there before, and the next of the same breath; a lane is thousands.
FEW = 25


@pytest.fixture
def scene(tmp_path, seen):
    """As shipped, embedded servers and all. The backlog is not waited for: what it must not delay is the subject."""
    with own_scene(tmp_path, tell=seen, drain_seconds=None) as scene:
        yield scene


def waiting(scene, lane):
    statement = "SELECT count(*) AS n FROM events WHERE lane = %s AND settled_at IS NULL"
    return scene.query(statement, lane)[0]["n"]


def tell(scene, events, meanwhile):
    rows = scene.query(STARTS, [event["id"] for event in events])
    waited, settled = ([float(row[name]) for row in rows] for name in ("waited_ms", "settled_ms"))
    late = sum(one > PROMISED_MS for one in waited)
    scene.tell(f"longest wait for a start {max(waited):.0f} ms, {late} of {len(rows)} over {PROMISED_MS} ms")
    scene.tell(f"longest until settled {max(settled):.0f} ms; at most {meanwhile} of the others begun meanwhile")


@pytest.mark.case(
    "45",
    injected="50,000 standard events waiting, all standard workers busy; 60 of the crisis lane",
    expected="crises start at once, standard goes on",
)
def test_a_backlog_of_the_standard_lane_delays_no_crisis(scene):
    backlog.keep(scene.carelane.settings(), (standard() for _ in range(50_000)))
    until(lambda: scene.query("SELECT id FROM events WHERE lane = 'standard' AND state = 'processing'"))
    before = waiting(scene, "standard")
    events = [critical() for _ in range(60)]
    scene.client.send(events, threads=2, per_second=10)
    scene.settled(*events)
    meanwhile = scene.query(BEGUN_MEANWHILE, [event["id"] for event in events])[0]["most"]
    assert meanwhile < FEW
    until(lambda: waiting(scene, "standard") < before)
    assert waiting(scene, "standard") > before // 2
    tell(scene, events, meanwhile)


@pytest.mark.case(
    "45",
    injected="10,000 failed payments waiting; 60 events of a person in an open crisis",
    expected="the person's events start at once",
)
def test_a_storm_of_failed_cards_delays_nobody_in_danger(scene):
    customer = f"cus_{secrets.token_hex(8)}"
    backlog.open_crisis(scene, customer)
    backlog.keep(scene.carelane.settings(), (critical() for _ in range(10_000)))
    until(lambda: scene.query("SELECT id FROM events WHERE state = 'processing'"))
    events = [standard(**{"data.object.customer": customer}) for _ in range(60)]
    scene.client.send(events, threads=2, per_second=10)
    scene.settled(*events)
    meanwhile = scene.query(BEGUN_MEANWHILE, [event["id"] for event in events])[0]["most"]
    assert meanwhile < FEW
    assert waiting(scene, "crisis") > 0
    tell(scene, events, meanwhile)


@pytest.mark.case(
    "46",
    injected="5,000 events of the crisis lane waiting; 50 standard ones",
    expected="the standard lane is served all the same",
)
def test_a_flood_of_crises_does_not_stop_the_standard_lane(scene):
    backlog.keep(scene.carelane.settings(), (critical() for _ in range(5000)))
    events = [standard() for _ in range(50)]
    scene.client.send(events)
    scene.settled(*events)
    left = waiting(scene, "crisis")
    assert left > 0
    scene.tell(f"50 of 50 settled while {left} crises still waited" if left else "")
