"""The application door before any call: readiness, metrics, and problems that no call is behind."""

import pytest
from prometheus_client import CollectorRegistry

from ingress.api.app import Door, create_app
from ingress.api.metrics import Metrics
from ingress.api.problems import problem
from ingress.front import TOO_LARGE
from shared.errors import TransientError
from shared.status import Lane, Status

STANDS = Status(events={"received": 2, "dead": 1}, lanes={"crisis": Lane(1, 0.5), "standard": Lane(1, 7.0)})


class Database:
    away = False
    broken = False

    def answers(self):
        if self.broken:
            raise KeyError("canary")
        if self.away:
            raise TransientError("the database is away", code="database_away")

    def status(self):
        self.answers()
        return STANDS


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def client(database):
    door = Door(database_answers=database.answers, status=database.status, metrics=Metrics(CollectorRegistry()))
    return create_app(door).test_client()


def test_readiness_follows_the_database(client, database):
    assert client.get("/readyz").status_code == 200
    database.away = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "Retry-After" in answer.headers


def test_metrics_tell_how_the_walk_stands(client):
    told = client.get("/metrics").text
    assert "carelane_status_up 1.0" in told
    assert 'carelane_events{state="received"} 2.0' in told
    assert 'carelane_lane_waiting{lane="crisis"} 1.0' in told
    assert 'carelane_lane_oldest_seconds{lane="standard"} 7.0' in told


def test_metrics_without_a_database_say_that_the_walk_is_not_known(client, database):
    database.away = True
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "carelane_status_up 0.0" in answer.text
    assert "carelane_events" not in answer.text


def test_what_is_not_here_is_a_problem_document(client):
    answer = client.get("/api/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    document = answer.get_json(force=True)
    assert (document["type"], document["status"], document["code"]) == ("about:blank", 404, "NOT_FOUND")


def test_a_wrong_method_tells_the_right_ones(client):
    answer = client.post("/readyz")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_is_a_problem_document_that_tells_nothing(client, database):
    database.broken = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "canary" not in answer.text


def test_a_body_the_front_did_not_keep_is_refused(client):
    answer = client.post("/readyz", environ_overrides={TOO_LARGE: True})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("code", ["BODY_TIMEOUT", "BODY_INCOMPLETE", "PROCESSING_ERROR"])
def test_the_fronts_own_refusals_are_problem_documents(code):
    answer = problem(code)
    assert dict(answer.headers)["content-type"] == "application/problem+json"
    assert 400 <= answer.status <= 500
