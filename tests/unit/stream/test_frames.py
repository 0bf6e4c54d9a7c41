"""What a stream says is what the specification of Server-Sent Events reads."""

import json
from datetime import UTC, datetime

from ingress.stream import frames
from shared.outbox import Told


def test_an_event_has_its_name_its_position_and_one_line_of_data():
    assert frames.frame("access:updated", {"a": "x\ny"}, position=7) == (
        b'event: access:updated\nid: 7\ndata: {"a":"x\\ny"}\n\n'
    )


def test_an_operation_for_devices_says_which_version_it_is():
    told = Told(
        id=3, position=7, kind="sync:operation", recipient="person:p", data={"entity": "access", "timestamp": None},
        told_at=datetime(2026, 3, 10, tzinfo=UTC),
    )  # fmt: skip
    data = json.loads(frames.of(told).decode().partition("data: ")[2])
    assert data == {"entity": "access", "version": 7, "timestamp": "2026-03-10T00:00:00Z"}


def test_the_opening_tells_where_to_go_on_and_when_to_come_back():
    lines = frames.opening(41).decode().splitlines()
    assert lines[0] == "retry: 2000"
    assert "id: 41" in lines


def test_a_heartbeat_is_no_event_and_still_moves_the_id():
    assert frames.heartbeat(9) == b": beat\nid: 9\n\n"


def test_a_gap_says_why_and_where_it_goes_on():
    _, where, data, *_ = frames.gap("retention", 12).decode().splitlines()
    assert (where, json.loads(data.removeprefix("data: "))) == ("id: 12", {"reason": "retention"})


def test_an_ending_leaves_the_id_as_it_is():
    assert b"id:" not in frames.ending("expired")
