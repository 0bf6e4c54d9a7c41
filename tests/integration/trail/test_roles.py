"""Each process's role can do its work and, of what is locked, nothing else: by PostgreSQL's own word."""

from contextlib import contextmanager

import psycopg
import pytest

from ingress.cli.up import postgres
from shared.migrations import migrate
from tests.integration.trail.served import PASSWORDS, SETTINGS, address

REFUSED = {
    "webhook": [
        "SELECT sealed FROM event_bodies",
        "SELECT wrapped FROM data_keys",
        "UPDATE events SET state = 'processed'",
        "DELETE FROM events",
        "SELECT object_id FROM events",
        "SELECT * FROM people",
        "SELECT severity FROM crises",
        "UPDATE crises SET resolved_at = now()",
        "SELECT * FROM audit",
        "SELECT token_hash FROM service_tokens",
        "SELECT ensure_partitions('audit', 'year', 1)",
    ],
    "app": [
        "SELECT sealed FROM event_bodies",
        "DELETE FROM event_bodies",
        "SELECT wrapped FROM data_keys",
        "UPDATE data_keys SET recipient = 'mine'",
        "SELECT sealed FROM callback_secrets",
        "UPDATE callback_endpoints SET url = 'https://elsewhere'",
        "UPDATE callback_deliveries SET ended_at = now()",
        # Without broken glass.
        "INSERT INTO staff_looks (staff_id, event_row, reason, reply_key) VALUES (gen_random_uuid(), 1, 'x', '')",
    ],
    "stream": [
        "SELECT sealed FROM event_bodies",
        "SELECT wrapped FROM data_keys",
        "SELECT note_sealed FROM crises",
        "SELECT * FROM events",
        "SELECT * FROM audit",
        "INSERT INTO audit (actor, act, object) VALUES ('a', 'b', 'c')",
        "SELECT id FROM service_tokens",
        "SELECT sealed FROM callback_secrets",
        "UPDATE notices SET position = 1",
        "UPDATE devices SET user_id = 'another'",
        "UPDATE people SET creator_id = 'another'",
    ],
    "deliver": [
        "SELECT sealed FROM event_bodies",
        "SELECT wrapped FROM data_keys",
        "SELECT * FROM people",
        "SELECT * FROM crises",
        "SELECT * FROM events",
        "SELECT * FROM audit",
        "SELECT token_hash FROM service_tokens",
        "UPDATE notices SET data = '{}'",
        "DELETE FROM notices",
        "UPDATE callback_endpoints SET url = 'https://elsewhere'",
        "INSERT INTO callback_secrets (endpoint_id, sealed) VALUES (gen_random_uuid(), '')",
    ],
    "worker": [
        "UPDATE event_bodies SET sealed = ''",
        "UPDATE data_keys SET recipient = 'mine'",
        "DELETE FROM data_keys",
        "SELECT * FROM audit_links",
        "SELECT * FROM staff_acts",
        "INSERT INTO staff_looks (staff_id, event_row, reason, reply_key) VALUES (gen_random_uuid(), 1, 'x', '')",
        "DELETE FROM staff_looks",
        "UPDATE staff_comparisons SET actor = 'another'",
        "SELECT sealed FROM callback_secrets",
        "UPDATE callback_endpoints SET url = 'https://elsewhere'",
        "UPDATE outbox SET newest = 0",
    ],
    "relay": [
        "SELECT sealed FROM event_bodies",
        "SELECT wrapped FROM data_keys",
        "UPDATE audit_links SET position = 1",
        "SELECT sealed FROM callback_secrets",
        "SELECT url FROM callback_endpoints",
    ],
    "auditor": ["SELECT * FROM events", "SELECT * FROM people", "UPDATE audit_unsealed SET at = now()"],
}
# Of everyone.
NEVER = [
    "UPDATE audit SET reason = 'another'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "DELETE FROM audit_default",
    "INSERT INTO audit_default (id, actor, act, object) OVERRIDING SYSTEM VALUE VALUES (1, 'a', 'b', 'c')",
    "INSERT INTO audit (id, actor, act, object) OVERRIDING SYSTEM VALUE VALUES (1, 'a', 'b', 'c')",
    "INSERT INTO audit (at, actor, act, object) VALUES ('2019-01-01', 'a', 'b', 'c')",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TABLE audit_links",
    "INSERT INTO schema_migrations (name, sha256) VALUES ('x', 'y')",
    "CREATE TABLE mine (x int)",
    "SET session_replication_role = replica",
]


@pytest.fixture
def as_role(roles_port):
    @contextmanager
    def connect(name):
        with psycopg.connect(address(roles_port, name), autocommit=True) as conn:
            yield conn

    return connect


@pytest.mark.parametrize("name", REFUSED)
def test_a_role_is_refused_what_its_process_need_not_do(as_role, name):
    with as_role(name) as conn:
        for statement in [*NEVER, *REFUSED[name]]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


def test_every_role_of_a_process_that_acts_can_add_to_the_audit_trail_and_its_record_waits_for_its_link(as_role):
    for name in {*SETTINGS, "auditor"} - {"stream"}:
        with as_role(name) as conn:
            conn.execute("INSERT INTO audit (actor, act, object) VALUES (%s, 'test.happened', 'x')", [name])
    with as_role("auditor") as conn:
        (waiting,) = conn.execute("SELECT count(*) FROM audit_unsealed").fetchone()
        (known,) = conn.execute("SELECT count(*) FROM audit").fetchone()
    assert waiting == known >= 6


def test_a_second_migration_gives_the_same_rights(roles_port, as_role):
    listed = (
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee LIKE 'carelane_%%' ORDER BY 1, 2, 3"
    )
    owner = address(roles_port, "owner")
    with psycopg.connect(owner) as conn:
        before = conn.execute(listed.replace("%%", "%")).fetchall()
        conn.rollback()
        migrate(owner)
        assert conn.execute(listed.replace("%%", "%")).fetchall() == before
    assert before


def test_passwords_follow_the_file_that_keeps_them(roles_port):
    renewed = PASSWORDS | {"POSTGRES_RELAY": "renewed"}
    postgres.ensure_database(roles_port, renewed)
    psycopg.connect(f"postgresql://carelane_relay:renewed@127.0.0.1:{roles_port}/carelane").close()
    postgres.ensure_database(roles_port, PASSWORDS)
