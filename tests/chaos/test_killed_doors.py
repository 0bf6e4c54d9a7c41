"""Cases 1 and 2: a process of the webhook door dies on either side of the commit that keeps an event."""

import pytest

from tests.chaos import traps
from tests.chaos.scene import standard


@pytest.mark.case("1", injected="the door killed before the commit", expected="no row; delivered again: one row")
def test_a_door_killed_before_the_commit_has_promised_nothing(scene):
    event = standard()
    traps.lay(scene.carelane.home, "door.before-commit")
    assert scene.client.once(event) == "none"
    assert not traps.is_laid(scene.carelane.home, "door.before-commit")
    assert scene.row(event) is None
    scene.client.send([event])
    scene.settled(event)


@pytest.mark.case("2", injected="the door killed after the commit", expected="kept; delivered again: a duplicate")
def test_a_door_killed_after_the_commit_has_kept_the_event(scene):
    event = standard()
    traps.lay(scene.carelane.home, "door.after-commit")
    assert scene.client.once(event) == "none"
    assert scene.row(event) is not None
    scene.client.send([event])
    scene.settled(event)
    deliveries = scene.query("SELECT id FROM deliveries WHERE event_row = %s", scene.row(event)["id"])
    assert len(deliveries) == 1


@pytest.mark.case("22", injected="one event delivered 200 times at once", expected="200 x 200, one row, one effect")
def test_a_storm_of_one_event_is_kept_once(scene):
    event = standard()
    scene.client.send([event] * 200, threads=40)
    assert scene.client.answers[200] == 200
    scene.settled(event)
    (row,) = scene.query("SELECT count(*) AS n FROM deliveries WHERE event_row = %s", scene.row(event)["id"])
    # An answer that came too late for the client is repeated by it: then there are more.
    assert row["n"] >= 199
    assert scene.row(event)["state"] == "processed"
    scene.tell(f"{row['n']} repetitions noted")


@pytest.mark.case("2", injected="the door killed between the commit and the nudge", expected="the relay rings for it")
def test_a_door_killed_before_it_rang_leaves_the_event_to_the_relay(scene):
    event = standard()
    traps.lay(scene.carelane.home, "door.before-ring")
    scene.client.once(event)
    scene.settled(event)
    assert not traps.is_laid(scene.carelane.home, "door.before-ring")
