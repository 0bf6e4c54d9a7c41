"""One message of several row ids: each has an outcome of its own, and a bad message carries nothing."""

import pytest
from celery.exceptions import Retry, SoftTimeLimitExceeded

from shared.errors import TransientError
from workers.tasks import carry_all, lane_of


class FakeProcessor:
    """Answers each row id with what it was given: an outcome, or an error to raise."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.asked = []
        self.lanes = set()

    def carry(self, row_ids, lane):
        self.asked.extend(row_ids)
        self.lanes.add(lane)
        for row_id in row_ids:
            if isinstance(self.answers.get(row_id), BaseException):
                raise self.answers[row_id]
        return {row_id: self.answers.get(row_id, "processed") for row_id in row_ids}


def test_each_row_has_its_own_outcome():
    outcomes = {1: "processed", 2: "ignored", 3: "dead", 4: "not waiting", 5: "fenced"}
    processor = FakeProcessor(outcomes)
    assert carry_all(processor, [3, 1, 2, 5, 4]) == {str(row_id): state for row_id, state in outcomes.items()}
    assert processor.asked == [3, 1, 2, 5, 4]


def test_a_row_that_waits_makes_the_task_a_retry_once_all_are_carried():
    processor = FakeProcessor({11: "retrying", 13: "retrying"})
    with pytest.raises(Retry) as raised:
        carry_all(processor, [11, 12, 13, 14])
    assert str(raised.value) == "rows 11, 13 wait for their next attempt"
    assert processor.asked == [11, 12, 13, 14]


@pytest.mark.parametrize("error", [TransientError("jane@example.org"), SoftTimeLimitExceeded("jane@example.org")])
def test_when_nothing_could_be_claimed_all_rows_wait(error):
    processor = FakeProcessor({21: error})
    with pytest.raises(Retry) as raised:
        carry_all(processor, [21, 22, 23])
    assert str(raised.value) == "rows 21, 22, 23 wait for their next attempt"
    assert raised.value.__cause__ is None
    assert "jane" not in repr(raised.value)


def test_a_row_whose_failure_could_not_be_noted_waits():
    with pytest.raises(Retry) as raised:
        carry_all(FakeProcessor({31: "unnoted"}), [31, 32])
    assert str(raised.value) == "rows 31 wait for their next attempt"


@pytest.mark.parametrize(
    ("delivery", "lane"),
    [
        ({"routing_key": "crisis"}, "crisis"),
        ({"routing_key": "standard"}, "standard"),
        ({"routing_key": "elsewhere"}, "standard"),
        ({}, "standard"),
        (None, "standard"),
    ],
)
def test_the_lane_that_a_message_rode_decides_how_long_its_claims_hold(delivery, lane):
    processor = FakeProcessor()
    carry_all(processor, [1], lane_of(delivery))
    assert processor.lanes == {lane}


def test_fifty_rows_are_not_too_many():
    assert len(carry_all(FakeProcessor(), list(range(50)))) == 50


def test_an_empty_message_has_nothing_to_do():
    assert carry_all(FakeProcessor(), []) == {}


@pytest.mark.parametrize(
    "row_ids",
    [None, 1, "12", (1, 2), {"1": 2}, list(range(51)), [True], ["1"], [1, "2"], [1.0], [None], [[1]]],
    ids=repr,
)
def test_a_message_that_is_no_list_of_row_ids_carries_none(row_ids):
    processor = FakeProcessor()
    with pytest.raises(ValueError, match="at most 50 row ids"):
        carry_all(processor, row_ids)
    assert processor.asked == []
