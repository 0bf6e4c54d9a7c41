"""Which calls of the application door have threads of their own, and what stands in for an answer."""

import orjson
import pytest
from prometheus_client import CollectorRegistry

from ingress.api import access, door
from ingress.api.app import Door
from ingress.api.metrics import Metrics
from ingress.api.resources import RESOURCES
from ingress.wsgi import Answer
from shared.access_document import safe_default
from tests.factories.people import NOW

HELP = Answer(200, [], b"help")
# A device that says what it has seen is in no hurry.
PRESSED = [
    call.path
    for name, calls in RESOURCES.items()
    for call in calls
    if name != "devices" and call.is_open_to_people and call.method == "POST"
]


def group_of(path):
    return next((group for group in door.apart(lambda: HELP) if path.startswith(group.paths)), None)


@pytest.mark.parametrize("path", PRESSED)
def test_whatever_a_person_may_send_in_danger_waits_for_no_operator(path):
    assert group_of(path).threads > 0
    assert group_of("/api/admin/dead-letters/requeue") is None


def test_the_access_call_is_answered_within_its_promise_and_never_refused():
    group = group_of(access.CALL.path)
    assert group.instead() is HELP
    assert group.answer_timeout_seconds < 0.1
    assert group is not group_of("/api/crisis")


def test_every_thread_finds_a_connection():
    assert door._THREADS + sum(group.threads for group in door.apart(lambda: HELP)[1:]) <= door._CONNECTIONS


def test_what_stands_in_for_an_answer_is_one_and_is_counted():
    counted = Metrics(CollectorRegistry())
    given = door._to_anybody(Door(database_answers=int, status=int, metrics=counted), safe_default(None, NOW))
    assert (given.status, orjson.loads(given.body)) == (200, safe_default(None, NOW))
    assert dict(given.headers) == {"content-type": "application/json", "cache-control": "no-store"}
    told = {"operation": "front", "status": "2xx"}
    assert counted.registry.get_sample_value("carelane_app_requests_total", told) == 1
