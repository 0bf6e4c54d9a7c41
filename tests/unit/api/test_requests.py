"""What a call brings is read strictly, and what is wrong with it is told by field and never quoted."""

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from ingress.api import requests
from ingress.api.admin_dead_letters import DeadGiven
from ingress.api.assessments import AssessmentGiven
from ingress.api.crises import CrisisGiven, NoteGiven
from ingress.api.emergency_access import EmergencyGiven
from ingress.api.payouts import PayoutGiven, PayoutsWanted
from ingress.api.people import PersonGiven
from ingress.api.problems import Problem
from ingress.api.shapes import Moment, Shape

CRISIS = {"userId": "p", "source": "button", "severity": "severe"}
PAYOUT = {"creatorId": "c", "amountMinor": 100, "currency": "usd", "stripeAccountId": "acct_1"}
ASSESSMENT = {"userId": "p", "instrument": "PHQ-9", "total": 3}


def asked(**parts):
    return Request(EnvironBuilder(**parts).get_environ())


def problem_of(shape, document):
    with pytest.raises(Problem) as caught:
        requests.body(asked(json=document, method="POST"), shape)
    return caught.value


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"3", b'"x"', b'{"a": NaN}', b"\xff", b'{"a": "\\ud800"}'])
def test_what_is_no_json_object_is_refused(data):
    with pytest.raises(Problem) as caught:
        requests.body(asked(data=data, method="POST"), CrisisGiven)
    assert caught.value.code == "INVALID_JSON"


@pytest.mark.parametrize(
    ("shape", "document", "field"),
    [
        (CrisisGiven, CRISIS | {"severity": "canary"}, "severity"),
        (CrisisGiven, CRISIS | {"source": "assessment"}, "source"),
        (CrisisGiven, CRISIS | {"userId": ""}, "userId"),
        (CrisisGiven, CRISIS | {"userId": "a\u0000b"}, "userId"),
        (CrisisGiven, CRISIS | {"userId": 7}, "userId"),
        (CrisisGiven, CRISIS | {"misspelt": 1}, "misspelt"),
        (CrisisGiven, {"userId": "p", "source": "button"}, "severity"),
        (NoteGiven, {"note": " \n "}, "note"),
        (NoteGiven, {"note": "x" * 10_001}, "note"),
        (PayoutGiven, PAYOUT | {"amountMinor": -1}, "amountMinor"),
        (PayoutGiven, PAYOUT | {"amountMinor": 1.5}, "amountMinor"),
        (PayoutGiven, PAYOUT | {"amountMinor": "100"}, "amountMinor"),
        (PayoutGiven, PAYOUT | {"amountMinor": True}, "amountMinor"),
        (PayoutGiven, PAYOUT | {"amountMinor": 2**63}, "amountMinor"),
        (PayoutGiven, PAYOUT | {"currency": "us"}, "currency"),
        (PayoutGiven, PAYOUT | {"currency": "usd\n"}, "currency"),
        (AssessmentGiven, ASSESSMENT | {"instrument": "canary"}, "instrument"),
        (AssessmentGiven, ASSESSMENT | {"total": 28}, "total"),
        (AssessmentGiven, ASSESSMENT | {"item9": 4}, "item9"),
        (EmergencyGiven, {"userId": "p"}, "reason"),
        (EmergencyGiven, {"userId": "p", "reason": "canary"}, "reason"),
        (PersonGiven, {"graceDays": 0}, "graceDays"),
        (PersonGiven, {"creatorId": "x" * 300}, "creatorId"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_never_quoted(shape, document, field):
    problem = problem_of(shape, document)
    assert (problem.code, list(problem.errors)) == ("INVALID_FIELDS", [field])
    assert "canary" not in repr(problem.document())


def test_many_unknown_fields_are_not_all_told():
    problem = problem_of(CrisisGiven, {f"{number:03}" * 100: 1 for number in range(500)})
    assert len(problem.errors) <= 50
    assert max(map(len, problem.errors)) <= 100


def test_of_a_list_the_place_is_told():
    problem = problem_of(DeadGiven, {"ids": ["evt_1", ""], "reason": "the cause is mended"})
    assert list(problem.errors["ids"]) == ["1"]
    assert problem.answer().status == 422


def test_a_name_given_twice_in_a_query_is_a_fault():
    with pytest.raises(Problem) as caught:
        requests.query(asked(query_string="status=FAILED&status=PENDING"), PayoutsWanted)
    assert list(caught.value.errors) == ["status"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "status=canary", "stale=perhaps", "unknown=1"])
def test_a_query_is_read_as_strictly(query):
    with pytest.raises(Problem) as caught:
        requests.query(asked(query_string=query), PayoutsWanted)
    assert list(caught.value.errors) == [query.partition("=")[0]]


def test_a_time_without_an_offset_is_utc():
    class When(Shape):
        at = Moment()

    found = requests.body(asked(json={"at": "2026-03-10T12:00:00"}, method="POST"), When)["at"]
    assert found.isoformat() == "2026-03-10T12:00:00+00:00"
    assert problem_of(When, {"at": "0001-01-01T00:00:00+14:00"}).code == "INVALID_FIELDS"


def test_a_callers_own_request_id_is_kept_where_a_log_bears_it():
    assert requests.request_id(asked(headers={"X-Request-Id": "call-00042"})) == "call-00042"
    for unfit in ("short", "x" * 65, "with blank", "tab\there"):
        assert requests.request_id(asked(headers={"X-Request-Id": unfit})) != unfit


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "clé"])
def test_an_idempotency_key_that_cannot_be_one_is_refused(key):
    with pytest.raises(Problem) as caught:
        requests.idempotency_key(asked(headers={"Idempotency-Key": key}))
    assert caught.value.code == "INVALID_IDEMPOTENCY_KEY"


def test_an_idempotency_key_is_the_callers_choice():
    assert requests.idempotency_key(asked(headers={"Idempotency-Key": "a b"})) == "a b"
    assert requests.idempotency_key(asked()) is None
