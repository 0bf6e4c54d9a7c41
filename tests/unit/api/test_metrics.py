"""What the application door counts of its calls, under labels that no caller can choose."""

import pytest
from prometheus_client import CollectorRegistry

from ingress.api.app import Door, create_app
from ingress.api.metrics import FRONT, OPERATIONS, STATUSES, UNKNOWN, Metrics
from ingress.front import BEGAN
from shared.errors import TransientError


@pytest.fixture
def metrics():
    return Metrics(CollectorRegistry())


@pytest.fixture
def client(metrics):
    def away():
        raise TransientError("the database is away", code="database_away")

    return create_app(Door(database_answers=away, status=away, metrics=metrics)).test_client()


@pytest.fixture
def counted(metrics):
    """Requests that were counted: {(operation, status): how many}."""

    def counted():
        (family,) = (found for found in metrics.registry.collect() if found.name == "carelane_app_requests")
        totals = {
            (sample.labels["operation"], sample.labels["status"]): sample.value
            for sample in family.samples
            if sample.name == "carelane_app_requests_total"
        }
        return {labels: value for labels, value in totals.items() if value}

    return counted


def timed(metrics, operation):
    return metrics.registry.get_sample_value("carelane_app_seconds_count", {"operation": operation})


def test_a_call_is_counted_and_timed_under_its_name(metrics, counted):
    metrics.answered("getAccess", 200, 0.004)
    metrics.answered("getAccess", 503, 0.2)
    assert counted() == {("getAccess", "2xx"): 1, ("getAccess", "5xx"): 1}
    assert timed(metrics, "getAccess") == 2
    within = {"operation": "getAccess", "le": "0.005"}
    assert metrics.registry.get_sample_value("carelane_app_seconds_bucket", within) == 1


def test_an_address_that_is_no_call_is_counted_without_a_word_of_it(client, metrics, counted):
    client.get("/api/canary")
    client.post("/api/canary/cus_canary")
    assert counted() == {(UNKNOWN, "4xx"): 2}
    assert timed(metrics, UNKNOWN) == 2
    assert "canary" not in client.get("/metrics").text


def test_probes_are_not_counted(client, counted):
    for path in ("/readyz", "/metrics", "/readyz"):
        client.get(path)
    assert counted() == {}


def test_what_a_call_waited_for_a_thread_is_in_its_time(client, metrics):
    client.get("/api/canary", environ_overrides={BEGAN: -1000.0})
    assert metrics.registry.get_sample_value("carelane_app_seconds_sum", {"operation": UNKNOWN}) >= 1000


def test_what_the_front_answers_is_counted_and_has_no_time(metrics, counted):
    metrics.answered_by_front(408)
    assert counted() == {(FRONT, "4xx"): 1}
    assert timed(metrics, FRONT) is None


def test_every_series_is_there_from_the_start(client):
    told = client.get("/metrics").text
    names = [f'carelane_app_requests_total{{operation="{name}",status="{status}"}} 0.0'
             for name in (*OPERATIONS, FRONT) for status in STATUSES]  # fmt: skip
    assert [name for name in names if name not in told] == []
    assert 'carelane_app_seconds_count{operation="getAccess"} 0.0' in told
