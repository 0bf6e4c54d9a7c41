"""What an operator sees while all of Carelane runs: figures, an alert when PostgreSQL goes, one trace of an event."""

import base64
import json
import os
import urllib.request
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.rows import dict_row

from shared import callbacks, trace_ids
from shared.callbacks import Wanted
from tests.acceptance.posting import fresh, post
from tests.fakes.collector import collecting
from tests.fakes.receiver import Receiver
from tests.prometheus import watching
from tests.running import Carelane, Servers, until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]


@pytest.fixture
def servers(tmp_path):
    servers = Servers(tmp_path / "servers")
    yield servers
    servers.stop()


@contextmanager
def running(place, servers, **settings):
    urls = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    # Where an extra was installed beside the environment.
    also = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    carelane = Carelane(place / "home", CARELANE_CALLBACK_NETWORKS="127.0.0.0/8", **urls, **also, **settings)
    try:
        carelane.start()
        yield carelane
    finally:
        code = carelane.stop()
    assert code == 0


def test_prometheus_sees_every_part_and_tells_when_the_database_goes_and_comes(servers, tmp_path, seen):
    watched = tmp_path / "prometheus"
    watched.mkdir()
    with running(tmp_path, servers) as carelane:
        ports = {door: int(carelane.environ[f"CARELANE_{door.upper()}_PORT"]) for door in ("webhook", "app", "stream")}
        for _ in range(3):
            assert post(carelane, fresh("basil/invoice.paid"))[0] == 200
        with watching(watched, **ports) as prometheus:
            settled = 'sum(carelane_events_settled_total{state="processed"})'
            until(lambda: prometheus.value(settled) == 3)
            assert prometheus.value('carelane_webhook_requests_total{outcome="received"}') == 3
            assert prometheus.value("min(carelane_supervised_up)") == 1
            assert prometheus.value("carelane_figures_missing") is None
            assert prometheus.firing() & {"CarelaneDoorDown", "CarelaneDatabaseAway", "CarelaneRelayDead"} == set()
            servers.postgres.stop()
            until(lambda: post(carelane, fresh("basil/invoice.paid"))[0] == 500)
            until(lambda: "CarelaneDatabaseAway" in prometheus.firing(), seconds=150)
            servers.postgres.start()
            until(lambda: "CarelaneDatabaseAway" not in prometheus.firing(), seconds=60)
    seen("CarelaneDatabaseAway fired, and was over when PostgreSQL was back")


def link(carelane):
    """A person behind the customer of the event to come, as the backend would tell."""
    made = carelane.run("token", "create", "--name", "backend", "--scope", "people")
    assert made.returncode == 0, made.stderr
    request = urllib.request.Request(
        f"http://127.0.0.1:{carelane.environ['CARELANE_APP_PORT']}/api/people/p",
        json.dumps({"stripeCustomerId": "cus_traced"}).encode(),
        {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status in {200, 201}


def test_one_event_is_one_trace_over_three_processes(servers, tmp_path, seen):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")
    receiver = Receiver()
    with (
        collecting() as (collector, endpoint),
        running(tmp_path, servers, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as carelane,
        psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as conn,
    ):
        link(carelane)
        key = base64.b64decode(carelane.settings()["CARELANE_CALLBACK_KEY"])
        callbacks.add(conn, Wanted("backend", receiver.url, ["access:updated"]), actor="test", key=key)
        told = fresh(
            "basil/customer.subscription.updated",
            **{"data.object.customer": "cus_traced", "data.object.status": "active"},
        )
        assert post(carelane, told)[0] == 200
        row = conn.execute("SELECT id FROM events WHERE event_id = %s", [told["id"]]).fetchone()["id"]
        place = trace_ids.of_event(trace_ids.event_name(told["id"], row))

        def of_trace():
            spans = {span["name"]: span["process"] for span in collector.spans if span["trace"] == place.trace_id}
            return spans if {"keep", "process", "callback"} <= set(spans) else None

        spans = until(of_trace)
    receiver.close()
    received = [headers["traceparent"].split("-")[1] for _, headers, _, _ in receiver.requests]
    assert place.trace_id in received
    assert len(set(spans.values())) == 3
    seen(f"one trace over {', '.join(sorted(spans.values()))}")
