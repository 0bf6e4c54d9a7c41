import json
import os
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from ingress.cli.main import cli
from shared.config import variable_names

_DEAD = {
    "state": "dead",
    "settled_at": "2026-11-20T10:00:00Z",
    "reason_class": "invalid",
    "reason_code": "schema",
    "reason_path": "data.object.id",
    "reason_message": "is required",
}


# What has no body cannot be carried again.
WITH_BODIES = """
    WITH kept AS ({} RETURNING id, received_at),
    bodies AS (
        INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
        SELECT id, received_at, gen_random_uuid(), '', '' FROM kept
    )
    SELECT id FROM kept
"""


@dataclass
class Ran:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self):
        return json.loads(self.stdout)


@pytest.fixture
def carelane(monkeypatch, tmp_path, database_url):
    """The command as a shell would run it on this test's database."""
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    # A width, or the tables follow the terminal that the tests happen to run in.
    settings = {"CARELANE_HOME": str(tmp_path), "DATABASE_URL": database_url, "COLUMNS": "160"}

    def run(*arguments, answer=None, **more):
        result = CliRunner(env=settings | more).invoke(cli, arguments, input=answer)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def keep(conn):
    """Put an event's row there and return the row's id; keyword arguments are its columns."""

    def insert(event_id="evt_1", **columns):
        values = {
            "event_id": event_id,
            "livemode": False,
            "type": "invoice.payment_failed",
            "body_hash": os.urandom(8),
            "body_bytes": 2,
            "lane": "standard",
            "lane_reason": "standard",
            "urgency": 0,
        } | columns
        names = ", ".join(values)
        marks = ", ".join(f"%({name})s" for name in values)
        row = f"INSERT INTO events ({names}) VALUES ({marks})"  # noqa: S608
        return conn.execute(WITH_BODIES.format(row), values).fetchone()["id"]

    return insert


@pytest.fixture
def person(conn):
    """Make a person known, and return the hash of that person's customer."""

    def insert(user_id):
        customer_hash = user_id.encode()
        conn.execute("INSERT INTO people (user_id) VALUES (%s)", [user_id])
        conn.execute("INSERT INTO customers (customer_hash, user_id) VALUES (%s, %s)", [customer_hash, user_id])
        return customer_hash

    return insert


@pytest.fixture
def everything(conn):
    """All that an act at the command line could change, to be compared before and after."""

    def read():
        tables = ("events", "attempts", "audit", "effects", "notices")
        return {name: conn.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}  # noqa: S608

    return read


@pytest.fixture
def many(conn):
    """So many events at once; keyword arguments are SQL for columns, where `n` counts them."""

    def insert(count, **columns):
        values = {
            "event_id": "'evt_' || n",
            "type": "'x'",
            "body_hash": "''",
            "body_bytes": "0",
            "lane": "'standard'",
            "lane_reason": "'standard'",
            "urgency": "0",
        } | columns
        names, sources = ", ".join(values), ", ".join(values.values())
        rows = f"INSERT INTO events ({names}) SELECT {sources} FROM generate_series(1, {count}) AS n"  # noqa: S608
        conn.execute(WITH_BODIES.format(rows))

    return insert


@pytest.fixture
def bury(keep):
    """As `keep`, a dead letter."""

    def insert(event_id="evt_1", **columns):
        return keep(event_id, **_DEAD | columns)

    return insert
