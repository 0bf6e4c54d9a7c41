"""What is urgent is rung for at once; what is not shares messages, and waits only behind others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.webhook.gathering import LAGGING_WINDOW_SECONDS, WINDOW_SECONDS, Gathering
from shared.broker import MOST_IDS, Nudge
from shared.rules.lanes import ACCESS_CRITICAL, OPEN_CRISIS, STANDARD

NOW = 0.0
A_FLOATS_ERROR = 1e-9


def gathering(*standard):
    made = Gathering()
    for row_id in standard:
        made.add(row_id, "standard", STANDARD)
    return made


def test_at_an_idle_door_the_first_goes_out_at_once():
    made = gathering(1)
    assert made.due_in(NOW) == 0
    assert made.take(NOW) == [Nudge((1,), "standard", STANDARD)]
    assert made.due_in(NOW) is None


def test_what_follows_within_the_window_goes_out_together_at_its_end():
    made = gathering(1)
    made.take(NOW)
    made.add(2, "standard", STANDARD)
    made.add(3, "standard", STANDARD)
    assert made.due_in(NOW) == WINDOW_SECONDS
    assert made.take(NOW) == []
    assert made.take(NOW + WINDOW_SECONDS) == [Nudge((2, 3), "standard", STANDARD)]


def test_while_messages_lie_unread_more_is_gathered_before_the_next():
    made = gathering(1)
    made.take(NOW)
    made.note_waiting(2)
    made.add(2, "standard", STANDARD)
    assert made.due_in(NOW) == WINDOW_SECONDS
    made.note_waiting(3)
    assert made.due_in(NOW) == LAGGING_WINDOW_SECONDS
    assert made.take(NOW + WINDOW_SECONDS) == []
    assert made.take(NOW + LAGGING_WINDOW_SECONDS) == [Nudge((2,), "standard", STANDARD)]
    made.add(3, "standard", STANDARD)
    assert made.due_in(NOW + LAGGING_WINDOW_SECONDS) == pytest.approx(WINDOW_SECONDS)


def test_a_message_that_is_full_waits_no_longer():
    made = gathering(0)
    made.take(NOW)
    for row_id in range(MOST_IDS):
        assert made.due_in(NOW) != 0
        made.add(row_id, "standard", STANDARD)
    assert made.due_in(NOW) == 0
    assert [len(nudge.row_ids) for nudge in made.take(NOW)] == [MOST_IDS]


def test_no_message_holds_more_than_a_worker_takes():
    made = gathering(*range(MOST_IDS * 2 + 1))
    assert [len(nudge.row_ids) for nudge in made.take(NOW)] == [MOST_IDS, MOST_IDS, 1]


def test_the_crisis_lane_waits_for_no_window_and_shares_no_message():
    made = gathering(1)
    made.take(NOW)
    made.add(2, "standard", STANDARD)
    made.add(3, "crisis", ACCESS_CRITICAL)
    made.add(4, "crisis", OPEN_CRISIS)
    made.add(5, "crisis", STANDARD)
    assert made.due_in(NOW) == 0
    assert made.take(NOW) == [
        Nudge((4,), "crisis", OPEN_CRISIS),
        Nudge((3,), "crisis", ACCESS_CRITICAL),
        Nudge((5,), "crisis", STANDARD),
    ]
    assert made.due_in(NOW) == WINDOW_SECONDS


@given(st.lists(st.tuples(st.sampled_from(["standard", "crisis"]), st.floats(0, 0.03)), max_size=200))
def test_every_row_goes_out_once_and_none_waits_beyond_the_window(arrivals):
    made, now, out = Gathering(), NOW, []
    for row_id, (lane, pause) in enumerate(arrivals):
        now += pause
        made.add(row_id, lane, STANDARD)
        assert made.due_in(now) <= WINDOW_SECONDS + A_FLOATS_ERROR
        out += [one for nudge in made.take(now) for one in nudge.row_ids]
    out += [one for nudge in made.take(now + 2 * WINDOW_SECONDS) for one in nudge.row_ids]
    assert sorted(out) == list(range(len(arrivals)))
    assert made.due_in(now) is None
