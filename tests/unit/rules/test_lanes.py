"""Lanes: people in danger first, and nothing on the crisis lane behind anything on the standard one."""

import ast
import sys
from pathlib import Path

from shared.rules import lanes

CRITICAL = frozenset({"customer.subscription.deleted", "invoice.payment_failed"})


def lane_of(event_type: str | None, *, marked: bool = False) -> lanes.Placement:
    return lanes.place(event_type, marked_crisis=marked, access_critical_types=CRITICAL)


def test_an_object_marked_as_crisis_rides_the_crisis_lane_whatever_its_type() -> None:
    for event_type in ("price.updated", "invoice.payment_failed", None):
        assert lane_of(event_type, marked=True) == lanes.Placement("crisis", lanes.MARKED_CRISIS, "marked-crisis")


def test_what_takes_access_away_rides_the_crisis_lane() -> None:
    expected = lanes.Placement("crisis", lanes.ACCESS_CRITICAL, "access-critical")
    assert {lane_of(event_type) for event_type in CRITICAL} == {expected}


def test_everything_else_is_standard_even_what_has_no_type() -> None:
    for event_type in ("invoice.payment_succeeded", "", None):
        assert lane_of(event_type) == lanes.Placement("standard", lanes.STANDARD, "standard")


def test_an_open_crisis_goes_before_a_mark_and_a_mark_before_a_failed_card() -> None:
    assert lanes.OPEN_CRISIS > lanes.MARKED_CRISIS > lanes.ACCESS_CRITICAL > lanes.STANDARD


def test_the_more_urgent_message_has_the_lower_redis_priority() -> None:
    by_urgency = [lanes.MESSAGE_PRIORITY[urgency] for urgency in sorted(lanes.MESSAGE_PRIORITY, reverse=True)]
    assert by_urgency == sorted(set(by_urgency))
    assert by_urgency[0] == 0


def test_the_thin_door_gets_nothing_but_the_standard_library_with_it() -> None:
    tree = ast.parse(Path(lanes.__file__).read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names
