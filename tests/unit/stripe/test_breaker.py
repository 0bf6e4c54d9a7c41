"""The circuit breaker, alone, shared, and with its store away."""

import fakeredis
import pytest

from shared.errors import StripeAway, StripeRefuses
from shared.stripe_api.breaker import Breaker


def fails():
    raise StripeAway("away", code="stripe_5xx")


def refuses():
    raise StripeRefuses("gone", code="stripe_gone")


def fail(breaker, times):
    for _ in range(times):
        with pytest.raises(StripeAway):
            breaker.call(fails)


@pytest.fixture
def redis_server():
    return fakeredis.FakeServer()


@pytest.fixture(params=["alone", "shared"])
def breaker(request, redis_server):
    client = fakeredis.FakeRedis(server=redis_server) if request.param == "shared" else None
    return Breaker(client, failures=3, rest_seconds=60)


def test_after_some_failures_in_a_row_nobody_asks(breaker):
    fail(breaker, 3)
    with pytest.raises(StripeAway) as caught:
        breaker.call(lambda: pytest.fail("it was asked"))
    assert caught.value.code == "stripe_breaker_open"
    assert 50 < caught.value.retry_after_seconds <= 60


def test_an_answer_in_between_begins_the_count_anew(breaker):
    fail(breaker, 2)
    assert breaker.call(lambda: "an answer") == "an answer"
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_a_wish_to_be_left_alone_holds_within_reason(breaker):
    breaker.hold(3600)
    with pytest.raises(StripeAway) as caught:
        breaker.call(lambda: pytest.fail("it was asked"))
    assert caught.value.code == "stripe_held"
    assert 200 < caught.value.retry_after_seconds <= 300
    assert breaker.state == "closed"


def test_an_answer_that_refuses_shows_that_stripe_is_there(breaker):
    for _ in range(5):
        with pytest.raises(StripeRefuses):
            breaker.call(refuses)
    assert breaker.state == "closed"


def test_after_its_rest_one_looks_and_an_answer_closes_it(redis_server):
    breaker = Breaker(fakeredis.FakeRedis(server=redis_server), failures=3, rest_seconds=0)
    fail(breaker, 3)
    assert breaker.state == "open"
    assert breaker.call(lambda: "an answer") == "an answer"
    assert breaker.state == "closed"


def test_after_its_rest_one_failure_opens_it_again():
    breaker = Breaker(None, failures=3, rest_seconds=0)
    fail(breaker, 4)
    assert breaker.state == "open"


def test_what_one_process_learns_spares_the_others(redis_server):
    mine, other = (Breaker(fakeredis.FakeRedis(server=redis_server), failures=3, rest_seconds=60) for _ in range(2))
    fail(mine, 3)
    with pytest.raises(StripeAway, match="several times"):
        other.call(lambda: pytest.fail("it was asked"))


def test_while_redis_is_away_each_has_its_own(redis_server):
    breaker = Breaker(fakeredis.FakeRedis(server=redis_server), failures=3, rest_seconds=60)
    redis_server.connected = False
    fail(breaker, 3)
    with pytest.raises(StripeAway, match="several times"):
        breaker.call(lambda: pytest.fail("it was asked"))
