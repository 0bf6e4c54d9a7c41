"""The access call with a real PostgreSQL that is away, half-open, or comes back."""

import pytest

from shared.access_answer import AccessAnswers, Limits
from shared.access_cache import AccessCache
from shared.db import Pool
from shared.rules.standing import Policy
from tests.chaos.blackhole import Blackhole
from tests.running import until
from tests.servers import free_port

LIMITS = Limits(budget_seconds=0.5, quiet_seconds=0.05)


@pytest.fixture
def desk(tmp_path):
    """Answers over a pool of this address; a further one shares the cache, as after a restart."""
    made = []

    def desk(url):
        pool = Pool(url, name="access", size=LIMITS.threads, statement_timeout_ms=200)
        cache = AccessCache(tmp_path / "access.sqlite", b"k" * 32)
        answers = AccessAnswers(pool, cache, Policy(), limits=LIMITS)
        made.append((answers, pool, cache))
        return answers

    yield desk
    for answers, pool, cache in made:
        answers.close()
        cache.close()
        pool.close()


@pytest.fixture
def nowhere(database_url, postgres_port):
    return database_url.replace(f":{postgres_port}/", f":{free_port()}/")


def test_gone_since_before_the_start_the_last_known_answer_stands_in(desk, link, subscribed, database_url, nowhere):
    subscribed(("active", 30))
    link()
    live = desk(database_url)
    assert until(lambda: live.answer("p")["degraded"] is False)
    after_restart = desk(nowhere)
    document = after_restart.answer("p")
    assert (document["accessLevel"], document["tier"], document["degraded"]) == ("full", "premium", True)
    unknown = after_restart.answer("q")
    assert (unknown["accessLevel"], unknown["degraded"]) == ("crisis_only", True)


def test_a_network_that_goes_half_open_is_answered_through_and_found_again(desk, link, database_url, postgres_port):
    link()
    hole = Blackhole(postgres_port)
    try:
        answers = desk(database_url.replace(f":{postgres_port}/", f":{hole.port}/"))
        assert until(lambda: answers.answer("p")["degraded"] is False)
        hole.swallow()
        document = answers.answer("p")
        assert (document["accessLevel"], document["degraded"]) == ("essential", True)
        assert until(lambda: answers.answer("p")["degraded"] is False)
    finally:
        hole.close()
