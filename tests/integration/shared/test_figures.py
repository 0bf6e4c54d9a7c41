"""Figures of people, dead letters, the database and the trail, each read by itself."""

import psycopg
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from ingress.api.figure_gauges import BrokerGauges, FigureGauges
from shared import db, figures
from shared.broker_figures import BrokerReader

_MADE = """
    INSERT INTO people (user_id) VALUES ('a'), ('b'), ('c');
    INSERT INTO crises (user_id, source, severity, opened_by, resolved_at) VALUES
        ('a', 'button', 'imminent', 'test', NULL), ('b', 'button', 'severe', 'test', now());
    INSERT INTO emergency_access (user_id, reason, level, ends_at) VALUES
        ('a', 'system_error', 'full', now() + interval '1 hour'), ('b', 'system_error', 'full', now());
    INSERT INTO access_told (user_id, grace_until) VALUES
        ('a', 'infinity'), ('b', now() + interval '1 day'), ('c', now() - interval '1 day');
    INSERT INTO events (
        event_id, body_hash, body_bytes, lane, lane_reason, urgency, state, settled_at, reason_class, reason_code,
        discarded_at
    )
    SELECT 'evt_' || number, '', 2, 'standard', 'standard', 0, 'dead', now(), 'invalid', 'schema',
        CASE WHEN number = 1 THEN now() END
    FROM generate_series(1, 3) AS number;
    INSERT INTO notices (cause, kind, recipient, data, owed_at)
    VALUES ('report:' || (now() AT TIME ZONE 'UTC')::date, 'report:daily', 'staff', '{}', now() - interval '1 hour')
"""


@pytest.fixture
def read(database_url):
    def read():
        with db.connect(database_url, name="test") as conn:
            return figures.read(conn)

    return read


def test_each_figure_is_of_what_stands_now(conn, read):
    conn.execute(_MADE)
    found = read()
    assert found.crises == {"imminent": 1}
    assert found.emergencies == {"system_error": 1}
    assert found.grace == {"running": 1, "held": 1}
    assert found.dead == {("invalid", "schema"): 2}
    assert found.in_doubt == 0
    assert found.connections["carelane-test"] >= 1
    assert found.server.connections_most > sum(found.connections.values())
    assert 3500 < found.report_seconds < 3700


def test_an_empty_database_has_figures_too(read):
    found = read()
    assert found.dead == {}
    assert found.report_seconds is None
    assert "grace" not in found.missing


def test_what_a_role_may_not_read_is_left_out_and_named(conn, database_url, read):
    conn.execute("CREATE ROLE narrow LOGIN PASSWORD 'narrow'; GRANT SELECT ON crises, emergency_access TO narrow")
    try:
        narrow = psycopg.conninfo.make_conninfo(database_url, user="narrow", password="narrow")
        with db.connect(narrow, name="test") as theirs:
            found = figures.read(theirs)
    finally:
        conn.execute("DROP OWNED BY narrow; DROP ROLE narrow")
    assert found.crises == {}
    assert "grace" in found.missing
    assert "crises" not in found.missing


def test_they_are_told_as_gauges(conn, read):
    conn.execute(_MADE)
    registry = CollectorRegistry()
    registry.register(FigureGauges(read()))
    told = generate_latest(registry).decode()
    assert 'carelane_crises_open{severity="imminent"} 1.0' in told
    assert 'carelane_dead_letters{reason_class="invalid",reason_code="schema"} 2.0' in told
    assert 'carelane_grace_open{kind="held"} 1.0' in told


def test_the_broker_tells_what_lies_in_it_and_whether_stripe_is_asked(broker_client, valkey_url):
    broker_client.lpush("crisis", "a", "b")
    broker_client.hset("carelane:breaker:stripe", "state", "open")
    reader = BrokerReader(valkey_url)
    registry = CollectorRegistry()
    registry.register(BrokerGauges(reader.read()))
    told = generate_latest(registry).decode()
    reader.close()
    assert 'carelane_broker_messages{lane="crisis"} 2.0' in told
    assert "carelane_stripe_breaker_open 1.0" in told


def test_a_broker_that_is_away_is_said_to_be(unused_port):
    assert not BrokerReader(f"redis://127.0.0.1:{unused_port}/0").read().is_up


@pytest.fixture
def unused_port():
    from tests.servers import free_port

    return free_port()
