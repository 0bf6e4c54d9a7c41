"""Ringing never holds anybody up, and without a broker there is nothing to ring."""

from ingress.api.ringing import Ringing
from shared.broker import MOST_IDS
from shared.config import Settings


class Doorbell:
    def __init__(self, *, is_up=True):
        self.is_up, self.rung = is_up, []

    def expects_to_ring(self, _urgency):
        return self.is_up

    def ring(self, nudges):
        self.rung += [(len(nudge.row_ids), nudge.lane, nudge.urgency) for nudge in nudges]

    def close(self):
        self.is_up = False


def ringing(doorbell):
    made = Ringing(Settings())
    made._doorbell = doorbell
    return made


def test_rows_are_rung_for_on_the_crisis_lane_in_messages_that_a_worker_takes():
    doorbell = Doorbell()
    made = ringing(doorbell)
    made.ring(range(MOST_IDS + 1), 30)
    made.close()
    assert doorbell.rung == [(MOST_IDS, "crisis", 30), (1, "crisis", 30)]


def test_a_broker_that_is_down_is_left_alone():
    doorbell = Doorbell(is_up=False)
    made = ringing(doorbell)
    made.ring([1], 30)
    made.close()
    assert doorbell.rung == []


def test_without_a_broker_nothing_is_rung():
    made = Ringing(Settings())
    made.ring([1], 30)
    made.close()
