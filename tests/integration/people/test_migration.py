"""What stood open before people had one open crisis each is brought into line, and the first report stays."""

import secrets

import psycopg
import pytest
from psycopg import sql

from shared import migrations
from tests.servers import admin, url


@pytest.fixture
def older_database(postgres_port):
    """A database of the release before."""
    name = f"older_{secrets.token_hex(6)}"
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    older = {file: text for file, text in migrations.shipped().items() if file < "0005"}
    migrations.migrate(url(postgres_port, name), files=older)
    yield url(postgres_port, name)
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_of_several_open_crises_of_one_person_the_first_stays_open(older_database):
    with psycopg.connect(older_database, autocommit=True) as conn:
        conn.execute("INSERT INTO people (user_id) VALUES ('p'), ('q')")
        conn.execute(
            """INSERT INTO crises (user_id, source, severity, opened_by, opened_at, resolved_at)
            VALUES ('p', 'button', 'severe', 'first', now() - interval '1 hour', NULL),
                ('p', 'button', 'severe', 'second', now(), NULL), ('p', 'button', 'severe', 'over', now(), now()),
                ('q', 'button', 'severe', 'other', now(), NULL)"""
        )
        assert "0005_people.sql" in migrations.migrate(older_database)
        rows = conn.execute("SELECT opened_by FROM crises WHERE resolved_at IS NULL ORDER BY 1").fetchall()
        assert rows == [("first",), ("other",)]
        assert conn.execute("SELECT DISTINCT access_level, tier FROM crises").fetchall() == [("essential", "none")]
