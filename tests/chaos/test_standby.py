"""Case 50, the second region: a standby that follows the primary is promoted when the primary is lost under load.

Both addresses stand in DATABASE_URL with target_session_attrs=read-write, so that no process is told anything.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from ingress.cli.up import postgres, valkey
from ingress.cli.up.account import account_for, runnable
from ingress.cli.up.binaries import pg_bin_dir
from ingress.cli.up.home import make_home
from tests.chaos.own import own_scene
from tests.chaos.scene import mixed
from tests.chaos.test_database import family
from tests.running import until
from tests.servers import PASSWORDS, Server, admin, free_port, url

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]
COUNT = 1500


@pytest.fixture
def place():
    """Where the account that PostgreSQL runs as may walk."""
    directory = Path(tempfile.mkdtemp(prefix="carelane-standby-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def basebackup(target, port, *, slot):
    """As docs/backup.md says it."""
    data = postgres.data_directory(target.parents[1])
    account = account_for(data)
    programs = runnable(pg_bin_dir(), account)
    command = [programs / "pg_basebackup", "--no-password", "--write-recovery-conf", "--checkpoint=fast"]
    command += ["--create-slot", f"--slot={slot}", "-D", target]
    where = f"host=127.0.0.1 port={port} user=postgres application_name=second_region"
    environ = {"PGPASSWORD": PASSWORDS["POSTGRES_ADMIN"]}
    subprocess.run([*command, "-d", where], check=True, capture_output=True, timeout=120, env=environ)
    account.own(target)
    account.own(target.parent)


@pytest.fixture
def pair(place):
    """A primary that confirms nothing before its standby has it, and the standby."""
    servers, homes = {}, {name: make_home(place / name) for name in ("primary", "standby")}
    ports = {name: free_port() for name in homes}
    servers["primary"] = Server(postgres.program(homes["primary"], port=ports["primary"], passwords=PASSWORDS))
    servers["primary"].start()
    with admin(ports["primary"]) as conn:
        conn.execute("CREATE DATABASE carelane")
    data = postgres.data_directory(homes["standby"])
    data.parent.mkdir(mode=0o700)
    basebackup(data, ports["primary"], slot="second_region")
    servers["standby"] = Server(postgres.program(homes["standby"], port=ports["standby"], passwords=PASSWORDS))
    servers["standby"].start()
    with admin(ports["primary"]) as conn:
        conn.execute("ALTER SYSTEM SET synchronous_standby_names = 'second_region'")
        conn.execute("SELECT pg_reload_conf()")
        until(lambda: conn.execute("SELECT sync_state FROM pg_stat_replication").fetchone() == ("sync",))
    ports["broker"] = free_port()
    servers["broker"] = Server(valkey.program(homes["primary"], port=ports["broker"], password="test"))
    servers["broker"].start()
    yield servers, ports
    for server in reversed(servers.values()):
        if server.process.poll() is None:
            server.stop()


def both(ports):
    hosts = ",".join(f"127.0.0.1:{ports[name]}" for name in ("primary", "standby"))
    return f"postgresql://postgres:{PASSWORDS['POSTGRES_ADMIN']}@{hosts}/carelane?target_session_attrs=read-write"


@pytest.mark.case(
    "50",
    injected="the primary lost under load, its synchronous standby promoted",
    expected="nothing that was answered 200 is lost; processes find the new primary by themselves",
)
def test_a_promoted_standby_has_every_event_that_was_answered_200(pair, tmp_path, seen):
    servers, ports = pair
    with own_scene(
        tmp_path,
        tell=seen,
        DATABASE_URL=both(ports),
        REDIS_URL=f"redis://:test@127.0.0.1:{ports['broker']}/0",
    ) as scene:
        sender = threading.Thread(target=scene.client.send, args=[mixed(COUNT)], kwargs={"per_second": 60})
        sender.start()
        until(lambda: len(scene.client.acked) > COUNT // 5)
        for pid in family(servers["primary"].process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        lost_at = time.monotonic()
        servers["primary"].process.wait(10)
        confirmed = len(scene.client.acked)
        with psycopg.connect(url(ports["standby"], "postgres"), autocommit=True) as conn:
            assert conn.execute("SELECT pg_promote(wait_seconds => 60)").fetchone() == (True,)
        until(lambda: len(scene.client.acked) > confirmed + 20)
        back = time.monotonic() - lost_at
        sender.join(300)
        assert len(scene.client.acked) == COUNT
        seen(f"{confirmed} answered before, the door answered 200 again after {back:.1f} s")
