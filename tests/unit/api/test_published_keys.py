"""Published keys are fetched aside, kept while their source is away, and not asked for without end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ingress.api.published_keys import PublishedKeys
from shared.errors import TransientError

URL = "https://identity.example/jwks.json"
WAIT = 20.0


def listed(*key_ids):
    own = ec.generate_private_key(ec.SECP256R1()).public_key()
    one = jwt.algorithms.ECAlgorithm.to_jwk(own, as_dict=True) | {"alg": "ES256", "use": "sig"}
    return orjson.dumps({"keys": [one | {"kid": key_id} for key_id in key_ids]})


class Source:
    def __init__(self, *answers):
        self.answers, self.asked, self.now = list(answers), 0, 0.0

    def __call__(self, url):
        assert url == URL
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def keys(self):
        return PublishedKeys(URL, fetch=self, clock=lambda: self.now)


def test_the_first_who_asks_waits_until_the_keys_are_here():
    found = Source(listed("a")).keys().find("a", wait_seconds=WAIT)
    assert found.algorithm_name == "ES256"


def test_nobody_waits_longer_than_they_would():
    hold = threading.Event()

    class Slow(Source):
        def __call__(self, url):
            hold.wait(WAIT)
            return super().__call__(url)

    keys = Slow(listed("a")).keys()
    with pytest.raises(TransientError):
        keys.find("a", wait_seconds=0)
    hold.set()
    assert keys.find("a", wait_seconds=WAIT) is not None


def test_of_many_who_come_with_keys_nobody_knows_few_wait_for_a_slow_source():
    hold = threading.Event()

    class Slow(Source):
        def __call__(self, url):
            hold.wait(WAIT)
            return super().__call__(url)

    keys, told = Slow(listed("a")).keys(), threading.Semaphore(0)

    def come(number):
        with suppress(TransientError):
            keys.find(f"made-up-{number}", wait_seconds=WAIT)
        told.release()

    with ThreadPoolExecutor(8) as callers:
        for number in range(8):
            callers.submit(come, number)
        answered = [told.acquire(timeout=WAIT / 2) for _ in range(6)]
        hold.set()
    assert all(answered)


def test_a_key_that_is_not_published_is_no_key_and_its_source_is_not_asked_again_at_once():
    source = Source(listed("a"))
    keys = source.keys()
    assert keys.find("b", wait_seconds=WAIT) is None
    assert keys.find("b", wait_seconds=WAIT) is None
    assert source.asked == 1
    source.now += 60
    keys.find("b", wait_seconds=WAIT)
    assert source.asked == 2


def test_a_new_key_is_found_as_soon_as_somebody_comes_with_it():
    source = Source(listed("a"), listed("a", "b"))
    keys = source.keys()
    keys.find("a", wait_seconds=WAIT)
    source.now += 60
    assert keys.find("b", wait_seconds=WAIT) is not None


@pytest.mark.parametrize("trouble", [OSError("away"), b"<html>", b"[]", b'{"keys": 3}', b'{"keys": []}'])
def test_known_keys_go_on_serving_when_their_source_fails(trouble):
    source = Source(listed("a"), trouble)
    keys = source.keys()
    keys.find("a", wait_seconds=WAIT)
    source.now += 10_000
    assert keys.find("a", wait_seconds=WAIT) is not None
    with pytest.raises(TransientError):
        keys.find("b", wait_seconds=WAIT)
