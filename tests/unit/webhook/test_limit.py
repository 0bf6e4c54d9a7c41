"""One sweep ends the waits that are too long, and only those."""

import asyncio

import pytest

from ingress.limit import Limit


def run(scene, seconds):
    async def on_its_loop():
        return await scene(Limit(asyncio.get_running_loop(), seconds))

    return asyncio.run(on_its_loop())


def test_a_wait_that_is_too_long_ends_with_a_timeout():
    async def scene(limit):
        with pytest.raises(TimeoutError), limit.wait():
            await asyncio.Event().wait()
        return "went on"

    assert run(scene, 0.01) == "went on"


def test_a_short_wait_is_left_alone_and_leaves_nothing_behind():
    async def scene(limit):
        with limit.wait():
            await asyncio.sleep(0)
        return limit._waits

    assert run(scene, 60.0) == {}


def test_a_wait_that_somebody_else_cancels_is_cancelled():
    async def scene(limit):
        async def waits():
            with limit.wait():
                await asyncio.Event().wait()

        task = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return limit._waits

    assert run(scene, 60.0) == {}


def test_an_error_within_comes_out_as_it_is():
    async def scene(limit):
        with pytest.raises(KeyError), limit.wait():
            raise KeyError("x")

    run(scene, 60.0)


def test_those_that_began_later_wait_on():
    async def scene(limit):
        ended = []

        async def waits(name, until):
            try:
                with limit.wait():
                    await until.wait()
                ended.append((name, "done"))
            except TimeoutError:
                ended.append((name, "late"))
                second_may_go.set()

        second_may_go = asyncio.Event()
        first = asyncio.ensure_future(waits("first", asyncio.Event()))
        await asyncio.sleep(0.1)
        await asyncio.gather(first, waits("second", second_may_go))
        return ended

    assert run(scene, 0.3) == [("first", "late"), ("second", "done")]
