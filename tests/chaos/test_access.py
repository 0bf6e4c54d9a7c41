"""Whatever is away, whoever asks what a person may use is answered, with what helps in danger."""

import secrets
import threading
from contextlib import suppress

import psycopg
import pytest

from tests.chaos.access_backend import THREADS, Backend, asking
from tests.chaos.access_faults import postgres_full, postgres_refusing, valkey_refusing
from tests.chaos.scene import standard
from tests.integration.api.store_faults import (
    both_frozen,
    both_stopped,
    postgres_frozen,
    postgres_stopped,
    valkey_frozen,
    valkey_out_of_connections,
    valkey_stopped,
)
from tests.running import until

AWAY = [postgres_stopped, postgres_frozen, postgres_refusing, postgres_full, both_stopped, both_frozen]
HARMLESS = [valkey_stopped, valkey_frozen, valkey_refusing, valkey_out_of_connections]
QUICK = {both_stopped}
ENOUGH = 100


def long(fault):
    return pytest.param(fault, marks=pytest.mark.chaos_long)


@pytest.fixture(scope="module")
def backend(carelane):
    return Backend(carelane)


@pytest.fixture
def subscriber(scene, backend):
    """A person with full access, as every process of the door may know: one of them may not have met its stores yet."""
    person, customer = f"person-{secrets.token_hex(8)}", f"cus_{secrets.token_hex(8)}"
    # 503 asks to try again: the door may not have met its stores again after the fault before.
    until(lambda: backend.call("PUT", f"/api/people/{person}", {"stripeCustomerId": customer})[0] in (200, 201))
    event = standard(**{"data.object.customer": customer, "data.object.status": "active"})
    scene.client.send([event])
    scene.settled(event)
    until(lambda: backend.is_live(person))
    until(lambda: backend.is_on_disk(person))
    return person


@pytest.mark.parametrize("fault", [one if one in QUICK else long(one) for one in (*AWAY, *HARMLESS)])
@pytest.mark.case(
    "access",
    injected="PostgreSQL, Valkey or both stopped, frozen, refusing or full, while access is asked for",
    expected="each answer 200 and what it was before; degraded where it cannot be computed; live again afterwards",
)
def test_access_is_answered_whatever_is_away(scene, backend, subscriber, fault):
    with asking(backend, subscriber) as answers:
        until(lambda: len(answers) > ENOUGH)
        with fault(scene.servers):
            struck = len(answers) + THREADS  # what was under way may have been computed
            until(lambda: len(answers) > struck + ENOUGH)
            meanwhile = answers[struck:]
            stranger = backend.access(f"stranger-{secrets.token_hex(8)}")
        until(lambda: not answers[-1]["degraded"])
    # On a machine that stands still for a moment the front answers instead, about nobody.
    known = [one for one in answers if one["userId"] is not None]
    assert {one["accessLevel"] for one in known} == {"full"}
    assert len(known) > len(answers) / 2
    degraded = sum(one["degraded"] for one in meanwhile)
    if fault in AWAY:
        assert degraded == len(meanwhile)
        assert (stranger["accessLevel"], stranger["degraded"]) == ("crisis_only", True)
    else:
        assert degraded < len(meanwhile)
    full = sum(one["accessLevel"] == "full" for one in meanwhile)
    name = fault.__name__.replace("_", " ")
    scene.tell(f"{name}: {len(meanwhile)} answers meanwhile, {full} of them full, {degraded} degraded")


@pytest.mark.case(
    "access",
    injected="the application door killed while PostgreSQL and Valkey are stopped",
    expected="it comes up without them, and knows what it knew",
)
def test_a_door_that_starts_where_nothing_answers_knows_what_it_knew(scene, backend, subscriber):
    before = scene.carelane.pids()["app"]
    with both_stopped(scene.servers):
        scene.kill("app")
        until(lambda: scene.carelane.pids()["app"] not in {None, before})
        found = until(lambda: asked(backend, subscriber))
        assert (found["degraded"], found["accessLevel"]) == (True, "full")
    until(lambda: backend.is_live(subscriber))
    scene.tell("full, degraded; then computed again")


def asked(backend, person):
    """None while the door is opening: it listens before a process of its answers, and a caller may wait in vain."""
    with suppress(ConnectionError, TimeoutError):
        return backend.access(person)
    return None


@pytest.mark.case(
    "access",
    injected="every connection of the webhook door waits for a lock",
    expected="access is computed all the same: the doors share no pool",
)
def test_the_application_door_does_not_wait_for_the_webhook_door(scene, backend, subscriber):
    events = [standard() for _ in range(20)]
    sender = threading.Thread(target=scene.client.send, args=[events], kwargs={"threads": 20})
    with psycopg.connect(scene.database_url) as conn:
        conn.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        sender.start()
        until(lambda: scene.client.answers[500])
        until(lambda: all(backend.is_live(subscriber) for _ in range(ENOUGH // 10)))
        assert not {event["id"] for event in events} & scene.client.acked
    sender.join(60)
    assert {event["id"] for event in events} <= scene.client.acked
    scene.tell(f"{scene.client.answers[500]} times 500 to Stripe, access computed meanwhile")
