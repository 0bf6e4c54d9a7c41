"""What bodies hold together is bounded, and short ones always have room."""

import asyncio

import pytest

from ingress.bodies import FREE_BYTES, Reading, Room
from tests.fakes.rsgi import FakeHeaders, FakeHttp

MOST = 4 * FREE_BYTES


def filled(http, room, *headers, kept=True):
    reading = Reading(http, room, MOST, is_kept=lambda: kept)
    return reading, asyncio.run(reading.fill(FakeHeaders(list(headers))))


def read(room, *sizes, kept=True):
    return filled(FakeHttp([b"x" * size for size in sizes]), room, kept=kept)


def test_long_bodies_share_one_room_and_give_it_back():
    room = Room(3 * FREE_BYTES)
    first, end = read(room, FREE_BYTES, FREE_BYTES, FREE_BYTES)
    assert (end, len(first.content), room.left) == ("whole", 3 * FREE_BYTES, FREE_BYTES)
    second, end = read(room, FREE_BYTES, FREE_BYTES, 1)
    assert end == "no_room"
    second.release()
    first.release()
    assert room.left == 3 * FREE_BYTES


def test_a_short_body_needs_no_room():
    reading, end = read(Room(0), 1000, FREE_BYTES - 1000)
    assert (end, len(reading.content)) == ("whole", FREE_BYTES)


def test_what_can_only_be_refused_is_counted_and_not_held():
    room = Room(0)
    reading, end = read(room, FREE_BYTES, FREE_BYTES, 5, kept=False)
    assert (end, reading.content) == ("whole", b"")
    assert read(room, *[FREE_BYTES] * 5, kept=False)[1] == "too_large"


@pytest.mark.parametrize(("declared", "end"), [("3", "incomplete"), ("2", "whole"), (str(MOST + 1), "too_large")])
def test_what_was_declared_is_held_against_what_came(declared, end):
    assert filled(FakeHttp([b"x", b"x"]), Room(0), ("content-length", declared))[1] == end


@pytest.mark.parametrize(("sizes", "head"), [([], "0"), ([3], "3"), ([FREE_BYTES, 1], str(FREE_BYTES + 1))])
def test_when_all_that_was_declared_is_here_nobody_waits_for_the_end(sizes, head):
    http = FakeHttp([b"x" * size for size in sizes], stalls=True)
    reading, end = filled(http, Room(MOST), ("content-length", head))
    assert (end, len(reading.content)) == ("whole", sum(sizes))


def test_a_length_beside_another_framing_is_not_believed():
    http = FakeHttp([b"x" * FREE_BYTES] * 5)
    _, end = filled(http, Room(MOST), ("content-length", "5"), ("transfer-encoding", "chunked"))
    assert (end, http.taken) == ("too_large", 5)
