"""What bodies hold together is bounded, and short ones always have room."""

import asyncio

import pytest

from ingress.bodies import FREE_BYTES, Reading, Room

MOST = 4 * FREE_BYTES


async def pieces(*sizes):
    for size in sizes:
        yield b"x" * size


def read(room, *sizes, kept=True, declared=None):
    reading = Reading(room, MOST, is_kept=lambda: kept)
    return reading, asyncio.run(reading.fill(pieces(*sizes), declared))


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
    assert read(Room(0), 1, 1, declared=declared)[1] == end
