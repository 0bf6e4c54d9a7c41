"""Payloads full of marks go every way there is, the failing ones too; no mark comes out anywhere but sealed."""

import base64
import contextlib
import json
import os
import urllib.error

import psycopg
import pytest
from psycopg.rows import dict_row

from ingress.cli.up import postgres, roles
from tests.acceptance import sentry_stub
from tests.acceptance.marks import BUG, HANDLER, MARK, TYPES, Listener, ask, marked_event, raw
from tests.acceptance.posting import fresh, post, sign
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
def extension(tmp_path_factory):
    place = tmp_path_factory.mktemp("extension")
    (place / "carelane_marks.py").write_text(HANDLER)
    about = place / "carelane_marks-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: carelane-marks\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[carelane.handlers]\nfails = carelane_marks:fails\n")
    return place


@pytest.fixture(scope="module")
def carelane(servers, sentry, extension, tmp_path_factory):
    with admin(servers.postgres_port) as conn:
        postgres.ensure_roles(conn, PASSWORDS)
    carelane = Carelane(
        tmp_path_factory.mktemp("marked") / "home",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        SENTRY_DSN=sentry[0],
        CARELANE_LOG_LEVEL="DEBUG",
        CARELANE_BUG_ATTEMPTS="1",
        PYTHONPATH=os.pathsep.join([str(ROOT), str(extension), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        **roles.urls(servers.postgres_port, PASSWORDS, {}),
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


def through_the_door(carelane):
    """What the webhook door answered to marks that it keeps, refuses, and cannot read."""
    good = [marked_event(f"basil/{name}") for name in TYPES]
    bad = [
        marked_event("basil/customer.subscription.updated", **{"data.object.id": {"x": MARK}}),
        marked_event("basil/payout.paid", **{"data.object.amount": MARK}),
        marked_event("basil/invoice.paid", created=MARK),
        fresh("basil/invoice.paid", **BUG),
    ]
    junk, other = f'{{"broken": "{MARK}'.encode(), json.dumps(good[0] | {"extra": MARK}).encode()
    refused = {"Stripe-Signature": f"t=1,v1={MARK}", "X-Forwarded-For": MARK}
    stale = {"Stripe-Signature": sign(junk, at=1)}
    answers = [post(carelane, event) for event in (*good, *bad, junk, other)]
    assert {status for status, _ in answers} == {200}
    refusals = [post(carelane, junk, headers=headers) for headers in (refused, stale, {"X-Mark": MARK})]
    with contextlib.suppress(urllib.error.URLError):  # the door may be gone before it was all sent
        refusals.append(post(carelane, junk * 60_000, headers=refused))
    assert {status for status, _ in refusals} <= {400, 401, 413}
    return [json.dumps(answer) for answer in (*answers, *refusals)]


def through_the_application_door(carelane, address):
    made = carelane.run("token", "create", "--name", "backend", "--scope", "people", "--scope", "crisis")
    headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
    person = {"stripeCustomerId": f"cus_{MARK}"}
    opened = ask(address, "/api/people/someone", method="PUT", body=person, headers=headers)
    crisis = {"userId": "someone", "source": "clinician", "severity": "severe"}
    opened = json.loads(ask(address, "/api/crisis", method="POST", body=crisis, headers=headers))
    note = f"/api/crisis/{opened['crisisId']}/resolve"
    return [
        ask(address, note, method="POST", body={"note": f"note {MARK}"}, headers=headers),
        ask(address, "/api/people/someone", method="PUT", body={"email": MARK}, headers=headers),
        ask(address, "/api/assessments", method="POST", body={"userId": "someone", "total": MARK}, headers=headers),
        ask(address, "/api/access/someone", headers={"Authorization": f"Bearer {MARK}"}),
        raw(address, f"/api/access/someone?token={MARK}"),
    ]


def of_the_database(database_url):
    with psycopg.connect(database_url, autocommit=True) as conn:
        names = [name for (name,) in conn.execute(TABLES)]
        return "\n".join(row for name in names for (row,) in conn.execute(f"SELECT t::text FROM {name} AS t"))  # noqa: S608


@pytest.fixture(scope="module")
def places(carelane, servers, sentry):
    """Everything that can be read from outside once all has been carried, by the place it was found in."""
    settings = carelane.settings()
    doors = [f"http://127.0.0.1:{settings[f'CARELANE_{door}_PORT']}" for door in ("WEBHOOK", "APP")]
    heard = Listener(servers.redis_url)
    answers = through_the_door(carelane) + through_the_application_door(carelane, doors[1])
    answers.append(raw(doors[0], f"/{MARK}?a={MARK}"))
    with psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as conn:
        until(lambda: conn.execute(FINAL).fetchone()["n"] == 0)
        until(lambda: conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'event.dead'").fetchone()["n"] >= 5)
        until(lambda: conn.execute("SELECT count(*) AS n FROM audit_unsealed").fetchone()["n"] == 0)
    until(lambda: sentry[1])
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
