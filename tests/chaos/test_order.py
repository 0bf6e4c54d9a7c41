"""Case 24 with real processes: histories of many subjects, shuffled and repeated, carried by three workers at once."""

import random

import pytest

from tests.chaos.stream import shuffled_with_duplicates, stream

COUNT = 120


@pytest.mark.case(
    "24",
    injected="the histories of 12 subjects, shuffled, a third of it twice",
    expected="each subject's state is what its facts in true order give",
)
def test_the_order_of_arrival_changes_no_final_state(scene):
    seed = random.randrange(1_000_000)
    events = [event | {"id": f"{event['id']}_{seed}"} for event in stream(COUNT, seed)]
    scene.client.send(shuffled_with_duplicates(events, 0.3, seed))
    scene.settled(*events)
    scene.tell(f"seed {seed}")
