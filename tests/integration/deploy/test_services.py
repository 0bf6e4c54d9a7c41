"""The files that docker-compose.yml gives to PostgreSQL and Valkey, tried on servers of our own."""

import os
import secrets
import subprocess
from contextlib import suppress
from pathlib import Path

import kombu
import psycopg
import pytest
import redis

from ingress.cli.up.binaries import valkey_server
from shared import broker
from shared.migrations import migrate
from tests.peers import need
from tests.running import until
from tests.servers import PASSWORDS, admin, free_port

ACCESS = """\
user default off
user carelane on >$$VALKEY_PASSWORD ~* &* +@all -@admin -@dangerous +info +config|get
"""
PROCESSES = ("webhook", "app", "stream", "worker", "relay", "deliver", "auditor")
DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.fixture
def made(postgres_port):
    """The password of the role that the script made."""
    need("psql", package="postgresql-15")
    password = f"{secrets.token_hex(8)}'; DROP"
    environ = {
        "PATH": os.environ["PATH"],
        "POSTGRES_USER": "postgres",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres_port),
        "PGPASSWORD": PASSWORDS["POSTGRES_ADMIN"],
        "CARELANE_DATABASE_PASSWORD": password,
        **{f"CARELANE_{name.upper()}_DATABASE_PASSWORD": password for name in PROCESSES},
    }
    with admin(postgres_port) as conn:
        _drop_roles(conn)  # another test may have made them
    ran = subprocess.run(
        [DEPLOY / "make-database.sh"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    yield password
    with admin(postgres_port) as conn:
        conn.execute("DROP DATABASE carelane WITH (FORCE)")
        conn.execute("DROP ROLE carelane")
        _drop_roles(conn)


def _drop_roles(conn):
    """The server is everybody's: a role that has rights in another test's database stays there."""
    for name in PROCESSES:
        with suppress(psycopg.errors.DependentObjectsStillExist):
            conn.execute(f"DROP ROLE IF EXISTS carelane_{name}")


def test_the_role_rules_its_own_database_and_nothing_else(made, postgres_port):
    with psycopg.connect(
        host="127.0.0.1", port=postgres_port, user="carelane", password=made, dbname="carelane"
    ) as conn:
        role = conn.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        address = conn.info.get_parameters() | {"password": made}
    assert role == (False, False, False)
    assert migrate(psycopg.conninfo.make_conninfo(**address))


def test_each_process_has_a_role_that_owns_nothing(made, postgres_port):
    owner = {"host": "127.0.0.1", "port": postgres_port, "password": made, "dbname": "carelane"}
    migrate(psycopg.conninfo.make_conninfo(**owner, user="carelane"))
    for name in PROCESSES:
        with psycopg.connect(**owner, user=f"carelane_{name}", autocommit=True) as conn:
            if name != "stream":  # it changes nothing that could be put on record
                conn.execute("INSERT INTO audit (actor, act, object) VALUES (%s, 'test.happened', 'x')", [name])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("DELETE FROM audit")


def test_valkey_takes_its_password_from_standard_input_and_evicts_nothing(tmp_path):
    port, password = free_port(), secrets.token_hex(8)
    text = (DEPLOY / "valkey.conf").read_text(encoding="utf-8")
    conf = tmp_path / "valkey.conf"
    conf.write_text(text.replace("bind * -::*", f"bind 127.0.0.1\nport {port}").replace("dir /data", f"dir {tmp_path}"))
    script = f"exec {valkey_server()} {conf} - <<END\n{ACCESS.replace('$$', '$')}END\n"
    process = subprocess.Popen(
        ["sh", "-c", script],
        env={"PATH": os.environ["PATH"], "VALKEY_PASSWORD": password},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    client = broker.connect(f"redis://carelane:{password}@127.0.0.1:{port}/0", timeout_seconds=2)

    def answers():
        with suppress(redis.RedisError):
            return client.ping()

    try:
        until(answers)
        settings = client.config_get("maxmemory-policy", "appendonly", "appendfsync")
        assert settings == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}
        with kombu.Connection(f"redis://carelane:{password}@127.0.0.1:{port}/0") as connection:
            queue = connection.SimpleQueue("probe")
            queue.put({"rows": [1]})
            message = queue.get(timeout=10)
            message.ack()
            queue.close()
            assert message.payload == {"rows": [1]}
        for refused in (
            ("FLUSHALL",),
            ("CONFIG", "SET", "maxmemory", "1"),
            ("SHUTDOWN",),
            ("MONITOR",),
            ("ACL", "LIST"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*refused)
        with pytest.raises(redis.AuthenticationError):
            broker.connect(f"redis://:{password}@127.0.0.1:{port}/0", timeout_seconds=2).ping()
        with pytest.raises(redis.AuthenticationError):
            broker.connect(f"redis://127.0.0.1:{port}/0", timeout_seconds=2).ping()
        process.terminate()  # reaches the server itself: the shell has become it
        assert process.wait(20) == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait(10)


def test_the_service_starts_valkey_as_it_is_tried_here():
    compose = (DEPLOY.parent / "docker-compose.yml").read_text(encoding="utf-8")
    lines = "".join(
        f"        {line}\n" for line in ("exec valkey-server /etc/valkey.conf - <<END", *ACCESS.splitlines(), "END")
    )
    assert lines in compose
