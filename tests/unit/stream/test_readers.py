"""Notices reach those who hear them, crises first, and a reader that does not keep up holds up nobody."""

import asyncio
from datetime import UTC, datetime

import pytest

from ingress.api.problems import Problem
from ingress.stream.audience import Audience
from ingress.stream.reader import MOST_WAITING, Reader
from ingress.stream.readers import CAPACITY, MOST_OF_ONE, Readers
from shared.outbox import Told
from shared.rules.sync_operations import of_crisis, of_devices
from shared.rules.sync_pace import PACES, Pace

AT = datetime(2026, 3, 10, tzinfo=UTC)
SYNC = "sync:operation"
NEVER = Pace(frequency="test", batch_seconds=3600, batch_most=3, heartbeat_seconds=60, poll_seconds=60)


def told(position, recipient="person:p", kind="access:updated", **data):
    return Told(id=position, position=position, kind=kind, recipient=recipient, data=data, told_at=AT)


def audience(*recipients, name="person:p", **more):
    return Audience(name=name, recipients=frozenset(recipients or {"person:p"}), **more)


def device(pace=NEVER):
    return audience(device_id="phone", pace=pace)


def run(scene):
    """A scene is played on an event loop of its own; no test waits for time to pass."""
    return asyncio.run(scene())


def attached(readers, *audiences):
    made = [Reader(one, 0) for one in audiences]
    for reader in made:
        readers.attach(reader)
    return made


async def turns(count=3):
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_device_goes_by_the_pace_of_the_tier_that_it_was_told_of():
    async def scene():
        readers = Readers(10)
        [phone] = attached(readers, device(PACES["background"]))
        readers.tell([told(1, kind=SYNC, entity="access", targets="all", payload={"tier": "premium"})])
        await turns()
        assert phone.wake.is_set()
        readers.tell([told(2, kind=SYNC, entity="access", targets="all", payload={"tier": "basic"})])
        assert phone.pace == PACES["standard"]
        assert phone.timer is not None
        phone.forget_timer()

    run(scene)


def test_each_hears_what_is_theirs_in_order_and_is_woken():
    async def scene():
        readers = Readers(10)
        mine, other = attached(readers, audience(), audience("person:q"))
        readers.tell([told(1), told(2, "person:q"), told(3)])
        await turns()
        assert [line for line in mine.take().decode().splitlines() if line.startswith("id")] == ["id: 1", "id: 3"]
        assert b"id: 2\n" in other.take()
        assert mine.wake.is_set()
        assert other.wake.is_set()

    run(scene)


def test_what_a_reader_knows_already_is_not_told_again():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, audience())
        reader.position = 5
        readers.tell([told(4), told(5), told(6)])
        assert reader.waiting == 1

    run(scene)


def test_a_reader_whose_queue_is_full_is_cut_off_and_others_are_not():
    async def scene():
        readers = Readers(10)
        slow, quick = attached(readers, audience(), audience())
        for position in range(1, MOST_WAITING + 2):
            readers.tell([told(position)])
            quick.take()
        assert slow.ending == "slow"
        assert quick.ending is None
        assert slow.waiting == MOST_WAITING

    run(scene)


def test_who_left_is_told_nothing_and_forgotten():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, audience())
        readers.detach(reader)
        readers.tell([told(1)])
        assert reader.waiting == 0
        assert not readers._by_recipient

    run(scene)


def test_a_device_is_told_at_its_pace_and_a_crisis_takes_along_what_waited():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, device())
        readers.tell([told(1, kind=SYNC, **of_devices(2).document())])
        await turns()
        assert not reader.wake.is_set()
        readers.tell([told(2, kind=SYNC, **of_crisis(is_open=True).document())])
        await turns()
        assert reader.wake.is_set()
        assert [line for line in reader.take().decode().splitlines() if line.startswith("id")] == ["id: 1", "id: 2"]
        assert reader.timer is None

    run(scene)


def test_a_batch_that_is_full_waits_no_longer():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, device())
        for position in range(1, NEVER.batch_most + 1):
            assert not reader.wake.is_set()
            readers.tell([told(position, kind=SYNC, **of_devices(position).document())])
            await turns()
        assert reader.wake.is_set()
        readers.detach(reader)

    run(scene)


def test_a_realtime_device_waits_for_nothing():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, device(PACES["realtime"]))
        readers.tell([told(1, kind=SYNC, **of_devices(2).document())])
        await turns()
        assert reader.wake.is_set()

    run(scene)


def test_in_a_flood_those_in_crisis_have_the_first_turn_and_a_fifth_of_it_is_theirs_alone():
    async def scene():
        readers = Readers(10_000)
        others = attached(readers, *(audience(f"person:{n}", name=f"{n}") for n in range(3 * CAPACITY)))
        endangered = attached(readers, *(audience(f"person:x{n}", name=f"x{n}") for n in range(CAPACITY // 5)))
        flood = [told(n + 1, f"person:{n}") for n in range(len(others))]
        crises = [told(10_000 + n, f"person:x{n}", kind="crisis:activated") for n in range(len(endangered))]
        readers.tell([*flood, *crises])
        await asyncio.sleep(0)
        assert all(reader.wake.is_set() for reader in endangered)
        assert sum(reader.wake.is_set() for reader in others) == CAPACITY - CAPACITY // 5
        await turns(10)
        assert all(reader.wake.is_set() for reader in others)

    run(scene)


def test_a_reader_with_a_crisis_is_not_also_served_among_the_others():
    async def scene():
        readers = Readers(10)
        [reader] = attached(readers, audience())
        readers.tell([told(1), told(2, kind="crisis:activated")])
        await turns()
        assert not readers._others
        assert not readers._urgent
        assert reader.waiting == 2

    run(scene)


def test_handing_out_waits_for_everybodys_turn():
    async def scene():
        readers = Readers(10_000)
        hearing = attached(readers, *(audience(name=f"{n}") for n in range(2 * CAPACITY)))
        await readers.hand_out([told(1)])
        assert all(reader.wake.is_set() for reader in hearing)

    run(scene)


def test_as_many_are_let_in_as_may_be_and_one_person_has_fewer():
    readers = Readers(MOST_OF_ONE + 2)
    for _ in range(MOST_OF_ONE):
        readers.admit(audience())
    with pytest.raises(Problem, match="TOO_MANY_STREAMS"):
        readers.admit(audience())
    for _ in range(2):
        readers.admit(audience(name="token:s"))
    with pytest.raises(Problem, match="TOO_MANY_STREAMS"):
        readers.admit(audience(name="token:s"))
    readers.leave(audience(), "gone")
    readers.admit(audience())
    assert (len(readers), readers.ended["gone"]) == (MOST_OF_ONE + 2, 1)


def test_the_end_of_all_is_told_to_each():
    async def scene():
        readers = Readers(10)
        everybody = Audience(name="token:s", recipients=None)
        made = attached(readers, audience(), audience("person:q"), everybody)
        readers.end_all("stopping")
        assert {reader.ending for reader in made} == {"stopping"}

    run(scene)
