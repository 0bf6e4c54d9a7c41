"""Case 54: everything behind PgBouncer in transaction mode, with fewer connections than processes."""

import re

import psycopg
import pytest

from tests.chaos.own import own_scene
from tests.chaos.scene import mixed
from tests.pgbouncer import pooled
from tests.running import ROOT

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]
CONNECTIONS = 8
ROLE_LIMITS = re.findall(r"ALTER ROLE carelane SET (.*);", (ROOT / "docs" / "scale.md").read_text(encoding="utf-8"))


@pytest.fixture
def bounced(servers, tmp_path):
    """What docs/scale.md asks for: the limits stand with the role, for no session brings its own."""
    assert len(ROLE_LIMITS) == 4
    servers.renew("bounced")
    url = servers.url_of("bounced")
    with psycopg.connect(url, autocommit=True) as conn:
        for limit in ROLE_LIMITS:
            conn.execute(f"ALTER ROLE postgres IN DATABASE bounced SET {limit}")
    with pooled(tmp_path / "pgbouncer", url, connections=CONNECTIONS) as through:
        yield through


@pytest.mark.case(
    "54",
    injected="PgBouncer in transaction mode, 8 connections for all processes; 600 events, then workers killed",
    expected="all settled, no statement of one session in another",
)
def test_fewer_connections_than_processes_are_enough(bounced, servers, tmp_path, seen):
    with own_scene(
        tmp_path,
        tell=seen,
        servers=servers,
        DATABASE_URL=bounced,
        REDIS_URL=servers.redis_url,
        CARELANE_PREPARED_STATEMENTS="false",
    ) as scene:
        scene.client.send(mixed(300), threads=16)
        scene.kill("crisis")
        scene.kill("standard")
        scene.client.send(mixed(300), threads=16)
        scene.drained()
        assert set(scene.client.answers) == {200}
        failed = {row["error_class"] for row in scene.query("SELECT DISTINCT error_class FROM attempts")}
        assert failed <= {None, "worker-lost"}, "a statement met what another session had left"
        assert not any(sign in scene.carelane.logs() for sign in ("database_26000", "database_42P05", "InvalidSql"))
        checks = {check["name"]: check["status"] for check in scene.carelane.json("doctor")["checks"]}
        assert checks["postgresql time limits"] == "ok", checks
        with psycopg.connect(servers.url_of("bounced"), autocommit=True) as conn:
            (open_now,) = conn.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'bounced' AND pid <> pg_backend_pid()"
            ).fetchone()
        assert open_now <= CONNECTIONS
        scene.tell(f"{open_now} connections for {len(scene.carelane.pids())} processes")
