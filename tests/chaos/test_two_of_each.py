"""Case 42: a second relay and a second beat, as in a deployment that was scaled or rolled out carelessly."""

from contextlib import ExitStack

import pytest

from tests.chaos import backlog
from tests.chaos.beside import process
from tests.chaos.scene import mixed

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(400)]
COUNT = 1500


@pytest.mark.case(
    "42",
    injected="three relays and two beats, a wiped broker and 1,500 events waiting",
    expected="all settled; each claimed once",
)
def test_relays_and_beats_in_numbers_do_no_harm(scene):
    events = mixed(COUNT)
    schedule = scene.carelane.home / "run" / "second-beat-schedule"
    beat = ["celery", "-A", "workers.app", "beat", "--schedule", str(schedule), "--loglevel", "WARNING"]
    with ExitStack() as more:
        more.enter_context(process(scene, "relay.2", "workers.relay"))
        more.enter_context(process(scene, "relay.3", "workers.relay"))
        more.enter_context(process(scene, "beat.2", *beat))
        scene.wiped(lambda: backlog.keep(scene.carelane.settings(), events))
        scene.drained(seconds=240)
    statement = "SELECT sum(fence) AS claims FROM events WHERE event_id = ANY(%s)"
    (row,) = scene.query(statement, [event["id"] for event in events])
    assert row["claims"] == COUNT
    scene.tell(f"{COUNT} events, {row['claims']} claims")
