"""Refusals are documents with a stable code, and quote nothing that was sent."""

import orjson
import pytest

from ingress.api.problems import CODES, Problem, of_error, of_status
from shared.bulk_work import TooMany
from shared.crises import AlreadyResolved
from shared.errors import CarelaneError, NotFound, TransientError
from shared.idempotency import OtherRequest
from shared.people import Taken


@pytest.mark.parametrize("code", CODES)
def test_every_code_makes_a_whole_document(code):
    answer = Problem(code, "why", errors={"field": ["wrong"]}).answer("request-1")
    document = orjson.loads(answer.body)
    assert (document["status"], document["code"], document["requestId"]) == (answer.status, code, "request-1")
    assert document["errors"] == {"field": ["wrong"]}
    assert dict(answer.headers)["content-type"] == "application/problem+json"


def test_who_is_not_known_is_told_how_to_say_it():
    assert dict(Problem("MISSING_TOKEN").answer().headers)["www-authenticate"] == "Bearer"


def test_trouble_of_ours_says_when_to_come_again():
    assert "retry-after" in dict(Problem("UNAVAILABLE").answer().headers)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientError("away", code="database_away"), "UNAVAILABLE"),
        (NotFound("nobody"), "NOT_FOUND"),
        (Taken("creatorId"), "ALREADY_LINKED"),
        (AlreadyResolved("before"), "ALREADY_RESOLVED"),
        (OtherRequest("another"), "IDEMPOTENCY_KEY_REUSED"),
        (TooMany("many"), "TOO_MANY"),
        (CarelaneError("canary"), "PROCESSING_ERROR"),
    ],
)
def test_our_own_errors_are_problems_to_a_caller(error, code):
    found = of_error(error)
    assert found.code == code
    assert "canary" not in repr(found.document())


def test_a_status_without_a_code_of_ours_is_a_problem_too():
    document = orjson.loads(of_status(406).body)
    assert document == {"type": "about:blank", "title": "Not Acceptable", "status": 406}
