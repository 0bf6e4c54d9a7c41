"""Payloads full of marks go every way there is, the failing ones too; no mark comes out anywhere but sealed."""

import base64
import json
import os

import psycopg
import pytest
from psycopg.rows import dict_row

from ingress.cli.up import postgres, roles
from tests.acceptance import sentry_stub
from tests.acceptance.marked_ways import (
    through_the_application_door,
    through_the_door,
    through_what_is_owed_and_fetched,
    through_what_staff_ask,
)
from tests.acceptance.marks import HANDLER, MARK, Listener, ask, raw
from tests.acceptance.outside import outside
from tests.running import ROOT, Carelane, until
from tests.servers import PASSWORDS, admin

FINAL = "SELECT count(*) AS n FROM events WHERE state IN ('received', 'processing')"
TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relispartition"
)


@pytest.fixture(scope="module")
def sentry():
    with sentry_stub.listening() as (dsn, received):
        yield dsn, received


@pytest.fixture(scope="module")
def beyond():
    with outside() as found:
        yield found


@pytest.fixture(scope="module")
def extension(tmp_path_factory):
    place = tmp_path_factory.mktemp("extension")
    (place / "carelane_marks.py").write_text(HANDLER)
    about = place / "carelane_marks-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: carelane-marks\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[carelane.handlers]\nfails = carelane_marks:fails\n")
    return place


@pytest.fixture(scope="module")
def carelane(servers, sentry, beyond, extension, tmp_path_factory):
    with admin(servers.postgres_port) as conn:
        postgres.ensure_roles(conn, PASSWORDS)
    carelane = Carelane(
        tmp_path_factory.mktemp("marked") / "home",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        SENTRY_DSN=sentry[0],
        CARELANE_LOG_LEVEL="DEBUG",
        CARELANE_BUG_ATTEMPTS="1",
        **beyond.settings(),
        PYTHONPATH=os.pathsep.join([str(ROOT), str(extension), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        **roles.urls(servers.postgres_port, PASSWORDS, {}),
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


def of_the_database(database_url):
    with psycopg.connect(database_url, autocommit=True) as conn:
        names = [name for (name,) in conn.execute(TABLES)]
        return "\n".join(row for name in names for (row,) in conn.execute(f"SELECT t::text FROM {name} AS t"))  # noqa: S608


@pytest.fixture(scope="module")
def places(carelane, servers, sentry, beyond):
    """Everything that can be read from outside once all has been carried, by the place it was found in."""
    settings = carelane.settings()
    doors = [f"http://127.0.0.1:{settings[f'CARELANE_{door}_PORT']}" for door in ("WEBHOOK", "APP", "STREAM")]
    heard = Listener(servers.redis_url)
    fetched = through_what_is_owed_and_fetched(carelane, beyond)
    answers = through_the_door(carelane) + through_the_application_door(carelane, doors[1])
    answers.append(raw(doors[0], f"/{MARK}?a={MARK}"))
    with psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as conn:
        until(lambda: conn.execute(FINAL).fetchone()["n"] == 0)
        until(lambda: conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'event.dead'").fetchone()["n"] >= 5)
        through_what_staff_ask(conn, servers.redis_url)
        until(lambda: conn.execute("SELECT count(*) AS n FROM audit_unsealed").fetchone()["n"] == 0)
    until(lambda: sentry[1] and beyond.heard())
    until(lambda: any(b"crisis:activated" in body for _, _, body, _ in beyond.receiver.requests))
    user = base64.b64encode(f"carelane:{settings['CARELANE_FLOWER_PASSWORD']}".encode()).decode()
    flower = f"http://127.0.0.1:{settings['CARELANE_FLOWER_PORT']}"
    heard.stop()
    return {
        "the answers": "\n".join(answers),
        "the logs": carelane.logs() + carelane.said(),
        "the servers' logs": "\n".join(path.read_text(errors="replace") for path in servers.logs.glob("*")),
        "the broker": "\n".join(heard.commands),
        "Flower": ask(flower, "/api/tasks?limit=500", headers={"Authorization": f"Basic {user}"}),
        "the figures": "\n".join(ask(door, "/metrics") for door in doors),
        "Sentry": "\n".join(sentry[1]),
        "the database": of_the_database(servers.database_url),
        "what Stripe was asked for": "\n".join(fetched),
        "the callbacks": "\n".join(f"{line} {body.decode()}" for line, _, body, _ in beyond.receiver.requests),
        "the streams": json.dumps(beyond.heard()),
        "the anchors": (carelane.home / "audit-anchors.jsonl").read_text(),
        "the commands": "\n".join(
            carelane.run(*words).stdout for words in (("dead", "list", "--json"), ("events", "list", "--json"))
        ),
    }


# What shows that the place was really looked into.
CONTROLS = {
    "the answers": "INVALID_SIGNATURE",
    "the logs": '"action": "event.dead"',
    "the servers' logs": "ready to accept connections",
    "the broker": "LPUSH",
    "Flower": "carelane.process",
    "the figures": "carelane_",
    "Sentry": '"level"',
    "the database": "event.dead",
    "what Stripe was asked for": "sub_drifted",
    "the callbacks": "crisis:activated",
    "the streams": "someone",
    "the anchors": '"signature"',
    "the commands": "schema",
}


@pytest.mark.parametrize("place", CONTROLS)
def test_no_mark_comes_out(places, place):
    told = places[place]
    assert CONTROLS[place] in told
    for form in (MARK, MARK.encode().hex(), base64.b64encode(MARK.encode()).decode()[:-4]):
        found = told.find(form)
        assert found < 0, told[max(0, found - 200) : found + 200]


def test_the_trail_of_all_this_is_whole_and_anchored(carelane, places):
    checked = carelane.json("audit", "verify")
    assert checked["faults"] == []
    assert checked["anchored"] > 0


def test_each_process_works_in_the_database_as_its_own_role_and_none_as_the_owner(places, servers):
    seen = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'carelane-%'"
    known = {role for role, _ in roles.ROLES.values()}
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        until(lambda: {name for (name,) in conn.execute(seen)} == known)
