"""An embedded server whose log is archived, as `carelane up` runs it, and the command over it."""

import base64
import shutil
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from ingress.cli.main import cli
from ingress.cli.up import postgres
from ingress.cli.up.home import format_pairs, make_home, write_private
from shared.config import variable_names
from shared.migrations import migrate
from tests.running import until
from tests.servers import PASSWORDS, Server, free_port

SIGNING_KEY = b"s" * 32


@pytest.fixture(scope="package")
def place():
    """Not below pytest's own directory, which the account that PostgreSQL runs as may not walk."""
    directory = Path(tempfile.mkdtemp(prefix="carelane-backup-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


class House:
    """A home with its server; the archive is `store`."""

    def __init__(self, place):
        self.home, self.store, self.port = make_home(place / "home"), place / "store", free_port()
        write_private(self.home / "passwords", format_pairs(PASSWORDS | {"VALKEY": "unused"}))
        self.url = f"postgresql://carelane:{PASSWORDS['POSTGRES']}@127.0.0.1:{self.port}/carelane"
        write_private(self.home / "env", format_pairs({"DATABASE_URL": self.url}))
        self.server = None

    def start(self):
        program = postgres.program(self.home, port=self.port, passwords=PASSWORDS, backup_dir=self.store)
        self.server = Server(program)
        self.server.start()

    def stop(self):
        if self.server is not None and self.server.process.poll() is None:
            self.server.stop()

    def run(self, *arguments, code=0, **more):
        environ = dict.fromkeys(variable_names()) | {
            "CARELANE_HOME": str(self.home),
            "CARELANE_BACKUP_DIR": str(self.store),
            "CARELANE_BACKUPS_KEPT": "1",
            "CARELANE_AUDIT_SIGNING_KEY": base64.b64encode(SIGNING_KEY).decode(),
        }
        result = CliRunner(env=environ | more).invoke(cli, arguments)
        assert result.exit_code == code, result.output
        return result.output

    def query(self, statement, *parameters):
        with psycopg.connect(self.url, autocommit=True, row_factory=psycopg.rows.dict_row) as conn:
            found = conn.execute(statement, parameters or None)
            return found.fetchall() if found.description else []

    def now(self):
        """The database's time, with room on both sides: commits have times of their own."""
        time.sleep(0.05)
        (row,) = self.query("SELECT clock_timestamp() AS at")
        time.sleep(0.05)
        return row["at"].isoformat()

    def archived(self):
        """All that is committed so far lies in the archive."""
        with psycopg.connect(
            self.url.replace("carelane:" + PASSWORDS["POSTGRES"], self.admin), autocommit=True
        ) as conn:
            segment = conn.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()[0]
        until((self.store / "wal" / segment).exists)

    @property
    def admin(self):
        return f"postgres:{PASSWORDS['POSTGRES_ADMIN']}"


@pytest.fixture(scope="package")
def house(place):
    house = House(place)
    house.start()
    postgres.ensure_database(house.port, PASSWORDS)
    migrate(house.url)
    yield house
    house.stop()
