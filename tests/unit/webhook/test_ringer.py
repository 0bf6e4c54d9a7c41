"""The ringer's thread: who is rung for, and what becomes of those for whom nobody rang."""

from ingress.webhook.ringer import Ringer
from shared.arrivals import Kept
from shared.broker import Nudge
from shared.rules.lanes import ACCESS_CRITICAL, OPEN_CRISIS, STANDARD
from tests.fakes.inbox import FakeDoorbell


def kept(row_id, *, duplicate=False, lane="standard", urgency=STANDARD):
    return Kept(row_id, duplicate, same_body=True, lane=lane, urgency=urgency)


def rung(doorbell, *pairs):
    """What a ringer on this doorbell rang for these, and what it gave to the relay."""
    given_up = []
    ringer = Ringer(doorbell, not_nudged=given_up.extend)
    ringer.ring_for(pairs)
    ringer.close()
    return doorbell.rung, given_up


def test_rows_of_one_group_share_a_message():
    assert rung(FakeDoorbell(), (kept(1), True), (kept(2), True)) == ([Nudge((1, 2), "standard", STANDARD)], [])


def test_a_duplicate_is_not_rung_for():
    assert rung(FakeDoorbell(), (kept(1, duplicate=True), True)) == ([], [])


def test_what_nobody_expected_to_ring_for_is_left_to_the_relay_but_for_a_person_in_danger():
    full = FakeDoorbell(full=True)
    critical = kept(2, lane="crisis", urgency=ACCESS_CRITICAL)
    danger = kept(3, lane="crisis", urgency=OPEN_CRISIS)
    assert rung(full, (kept(1), False), (critical, False), (danger, False)) == (
        [Nudge((3,), "crisis", OPEN_CRISIS)],
        [],
    )


def test_what_a_broken_doorbell_was_to_ring_for_is_told_all_at_once():
    assert rung(FakeDoorbell(broken=True), (kept(1), True), (kept(2), True)) == ([], [1, 2])


def test_a_doorbell_that_raises_stops_nobody():
    class Raises(FakeDoorbell):
        def ring(self, nudges):
            if not self.rung:
                self.rung.append("raised")
                raise RuntimeError("a fault of ours")
            return super().ring(nudges)

    doorbell, given_up = Raises(), []
    ringer = Ringer(doorbell, not_nudged=given_up.extend)
    ringer.ring_for([(kept(1, lane="crisis", urgency=OPEN_CRISIS), True)])
    while not doorbell.rung:
        pass
    ringer.ring_for([(kept(2, lane="crisis", urgency=OPEN_CRISIS), True)])
    ringer.close()
    assert doorbell.rung == ["raised", Nudge((2,), "crisis", OPEN_CRISIS)]
