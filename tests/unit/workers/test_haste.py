"""Who is in danger is carried at once; the rest of the crisis lane gives way to nobody; the others take their turn."""

import contextlib

import pytest

from shared.rules.lanes import ACCESS_CRITICAL, MARKED_CRISIS, MESSAGE_PRIORITY, OPEN_CRISIS, STANDARD
from workers import tasks


@pytest.fixture
def hurried(monkeypatch):
    """Each place that was asked for."""
    found = []

    @contextlib.contextmanager
    def hurrying(*, at_once):
        found.append(at_once)
        yield

    monkeypatch.setattr(tasks.priority, "hurrying", hurrying)
    return found


@pytest.mark.parametrize(
    ("lane", "urgency", "expected"),
    [
        ("crisis", OPEN_CRISIS, [True]),
        ("crisis", MARKED_CRISIS, [False]),
        ("crisis", ACCESS_CRITICAL, [False]),
        ("crisis", STANDARD, [False]),
        ("standard", STANDARD, []),
        ("standard", OPEN_CRISIS, []),
    ],
)
def test_the_place_is_that_of_the_message(hurried, lane, urgency, expected):
    with tasks.haste_of({"routing_key": lane, "priority": MESSAGE_PRIORITY[urgency]}):
        pass
    assert hurried == expected


@pytest.mark.parametrize("delivery", [None, {}, {"routing_key": "crisis"}])
def test_who_does_not_say_it_is_not_in_danger(hurried, delivery):
    with tasks.haste_of(delivery):
        pass
    assert True not in hurried
