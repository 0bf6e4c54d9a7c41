"""An event's trace follows from its name; what a caller says of its own is believed only where it can be read."""

import pytest

from shared import trace_ids
from shared.trace_ids import Place
from workers.ledger import Held

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_door_and_the_worker_find_the_same_without_a_word_between_them():
    held = Held(row_id=12, fence=3, series=2, event_id="evt_1")
    assert trace_ids.event_name("evt_1", 12) == held.name
    assert trace_ids.of_event(held.name) == trace_ids.of_cause("event:evt_1#12")
    assert trace_ids.of_event(held.name) != trace_ids.of_event("event:evt_1#13")


@pytest.mark.parametrize("cause", [None, "", "person:p:access:3", "event:12", "event:evt_1#12 x", "event:evt_1#"])
def test_a_cause_that_names_no_event_has_no_trace(cause):
    assert trace_ids.of_cause(cause) is None


def test_a_callers_trace_is_gone_on_with():
    place = trace_ids.read(GIVEN)
    assert place == Place("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert trace_ids.written(place) == GIVEN
    assert trace_ids.written(place, is_sampled=False).endswith("-00")


@pytest.mark.parametrize(
    "given",
    [
        None, "", "nonsense", GIVEN.upper(), GIVEN[:-1], "ff" + GIVEN[2:], f"{GIVEN}-more",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_trace(given):
    assert trace_ids.read(given) is None
