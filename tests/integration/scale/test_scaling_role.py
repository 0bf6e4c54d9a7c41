"""The role that KEDA asks as, made as docs/scale.md says: it may ask how old the lanes are, and nothing else."""

import re

import psycopg
import pytest
import yaml
from psycopg import sql

from tests.running import ROOT

KEDA = ROOT / "deploy" / "kubernetes" / "keda" / "scaling.yaml"


@pytest.fixture
def scaling(conn):
    """As that role; what the document says is done within a transaction that is rolled back."""
    told = re.findall(
        r"^ {4}((?:CREATE ROLE|GRANT) .*carelane_scaling.*;)$", (ROOT / "docs/scale.md").read_text(), re.MULTILINE
    )
    assert len(told) == 3
    here = sql.Identifier(conn.info.dbname).as_string(conn)
    with conn.transaction(force_rollback=True):
        for statement in told:
            conn.execute(statement.replace("DATABASE carelane", f"DATABASE {here}"))
        conn.execute("SET LOCAL ROLE carelane_scaling")
        yield conn


def test_keda_is_answered(scaling):
    documents = [one for one in yaml.safe_load_all(KEDA.read_text()) if one["kind"] == "ScaledObject"]
    queries = [trigger["metadata"]["query"] for one in documents for trigger in one["spec"]["triggers"]]
    assert len(queries) == 3
    for query in queries:
        assert list(scaling.execute(query).fetchone().values()) == [0]


@pytest.mark.parametrize("statement", ["SELECT event_id FROM events", "SELECT 1 FROM people", "DELETE FROM events"])
def test_nothing_else_is_shown_to_it(scaling, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), scaling.transaction():
        scaling.execute(statement)
