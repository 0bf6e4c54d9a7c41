"""pgBackRest as docs/backup.md says it, on Debian's PostgreSQL 15: back to a moment, then made fit to work with."""

import json
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from ingress.cli.main import cli
from shared.config import variable_names
from shared.migrations import migrate
from tests.peers import need
from tests.running import ROOT, until
from tests.servers import free_port

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(300)]
PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class Machine:
    """The database's machine: everything there is done by the account `postgres`."""

    def __init__(self, place):
        self.place, self.data, self.port = place, place / "data", free_port()
        self.account = pwd.getpwnam("postgres")
        self.environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/carelane"

    def run(self, *command, check=True):
        return subprocess.run(
            [str(word) for word in command],
            cwd=self.place,
            env=self.environ,
            user=self.account.pw_uid,
            group=self.account.pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=120,
            check=check,
        )

    def pgbackrest(self, *words):
        return self.run("pgbackrest", f"--config={self.place}/pgbackrest.conf", "--stanza=carelane", *words)

    def start(self):
        self.run(PROGRAMS / "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", self.place / "log", "-s")

    def stop(self):
        self.run(PROGRAMS / "pg_ctl", "stop", "-m", "immediate", "-D", self.data, "-s", check=False)

    def configure(self):
        """deploy/pgbackrest.conf, in places of this test's own."""
        text = (ROOT / "deploy" / "pgbackrest.conf").read_text(encoding="utf-8")
        for name in ("repo", "spool", "lock"):
            (self.place / name).mkdir()
            os.chown(self.place / name, self.account.pw_uid, self.account.pw_gid)
        for setting, value in {
            "repo1-path": self.place / "repo",
            "repo1-cipher-pass": secrets.token_hex(24),
            "spool-path": self.place / "spool",
            "pg1-path": f"{self.data}\npg1-port={self.port}\npg1-socket-path={self.place}",
        }.items():
            text, count = re.subn(rf"(?m)^{setting}=.*$", f"{setting}={value}", text)
            assert count == 1
        text = text.replace("[carelane]", f"lock-path={self.place}/lock\n\n[carelane]")
        (self.place / "pgbackrest.conf").write_text(text)

    def archive(self):
        """The settings that the document says, added to the server's own."""
        command = f"pgbackrest --config={self.place}/pgbackrest.conf --stanza=carelane archive-push %p"
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            file.write(f"unix_socket_directories = '{self.place}'\n")
            file.write(f"archive_mode = on\narchive_timeout = 60\narchive_command = '{command}'\n")


@pytest.fixture
def machine():
    need("pgbackrest", package="pgbackrest")
    need(str(PROGRAMS / "initdb"), package="postgresql-15")
    if os.geteuid() != 0:
        pytest.skip("only root may act as the account postgres")
    place = Path(tempfile.mkdtemp(prefix="carelane-pgbackrest-"))
    machine = Machine(place)
    os.chown(place, machine.account.pw_uid, machine.account.pw_gid)
    machine.run(PROGRAMS / "initdb", "-D", machine.data, "--auth=trust", "--data-checksums", "-E", "UTF8")
    machine.configure()
    machine.archive()
    machine.start()
    machine.run(PROGRAMS / "createdb", "-h", "127.0.0.1", "-p", str(machine.port), "carelane")
    yield machine
    machine.stop()
    shutil.rmtree(place)


def carelane(machine, *arguments):
    environ = dict.fromkeys(variable_names()) | {"CARELANE_HOME": str(machine.place), "DATABASE_URL": machine.url}
    result = CliRunner(env=environ).invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def people(machine):
    with psycopg.connect(machine.url, autocommit=True) as conn:
        return {name for (name,) in conn.execute("SELECT user_id FROM people")}


@pytest.mark.case(
    "50",
    injected="the data of Debian's PostgreSQL 15 destroyed; pgBackRest restores to a moment",
    expected="as it was then, log from the encrypted archive; fit to work with",
)
def test_pgbackrest_brings_the_database_back_to_a_moment(machine, seen):
    migrate(machine.url)
    machine.pgbackrest("stanza-create")
    machine.pgbackrest("check")
    machine.pgbackrest("--type=full", "backup")
    with psycopg.connect(machine.url, autocommit=True) as conn:
        conn.execute("INSERT INTO people (user_id) VALUES ('wanted')")
        time.sleep(0.05)
        (moment,) = conn.execute("SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.US+00')").fetchone()
        time.sleep(0.05)
        conn.execute("INSERT INTO people (user_id) VALUES ('mistaken')")
        (segment,) = conn.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        until(lambda: conn.execute("SELECT last_archived_wal >= %s FROM pg_stat_archiver", [segment]).fetchone()[0])
    machine.stop()
    shutil.rmtree(machine.data)
    machine.data.mkdir(mode=0o700)
    os.chown(machine.data, machine.account.pw_uid, machine.account.pw_gid)

    machine.pgbackrest("--type=time", f"--target={moment}", "--target-action=promote", "restore")
    machine.start()
    until(lambda: not in_recovery(machine))
    assert people(machine) == {"wanted"}
    told = json.loads(carelane(machine, "restore", "finish", "--reason", "drill", "--json"))
    assert told["position"] == 1_000_000_000
    seen(f"PostgreSQL 15, back at {moment}")


def in_recovery(machine):
    with psycopg.connect(machine.url, autocommit=True) as conn:
        return conn.execute("SELECT pg_is_in_recovery()").fetchone()[0]
