"""What staff are shown of Stripe is what the workers' breaker learned."""

from datetime import UTC, datetime, timedelta

import fakeredis
import pytest

from shared.errors import StripeAway
from shared.stripe_api.breaker import Breaker
from shared.stripe_standing import Standing, read

NOW = datetime.now(UTC)


@pytest.fixture
def client():
    return fakeredis.FakeRedis()


@pytest.fixture
def breaker(client):
    return Breaker(client, failures=1, rest_seconds=60)


def fail():
    raise StripeAway("it hangs", code="stripe_silent")


def test_of_a_stripe_that_nobody_asked_or_that_answers_nothing_bad_is_told(client, breaker):
    assert read(client, now=NOW) == Standing()
    breaker.call(lambda: None)
    assert read(client, now=NOW) == Standing()


def test_since_when_it_is_not_asked_is_told(client, breaker):
    began = datetime.now(UTC)
    with pytest.raises(StripeAway):
        breaker.call(fail)
    since = read(client, now=NOW).away_since
    assert began - timedelta(seconds=2) <= since <= datetime.now(UTC) + timedelta(seconds=2)


def test_until_when_it_wishes_to_be_left_alone_is_told_as_long_as_that_lasts(client, breaker):
    breaker.hold(60)
    began = datetime.now(UTC)
    until = read(client, now=began).held_until
    assert until > began
    assert read(client, now=until) == Standing()


def test_while_the_broker_is_away_nothing_is_known():
    server = fakeredis.FakeServer()
    server.connected = False
    assert read(fakeredis.FakeRedis(server=server), now=NOW) is None
