"""A database for several tests: cloning one for each of them costs more than emptying a few tables."""

import secrets
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.servers import admin, url


@contextmanager
def cloned(port, template):
    name = f"cloned_{secrets.token_hex(4)}"
    with admin(port) as conn:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
    yield url(port, name)
    with admin(port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty(database_url, tables):
    """The audit trail too, which refuses it to everybody else: without triggers."""
    with psycopg.connect(database_url) as conn:
        conn.execute("SET session_replication_role = replica")
        for table in tables:
            conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
