"""PostgreSQL's own limit: what the door writes of an event, written by pgbench as fast as PostgreSQL takes it."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench import processes, signed, statements
from bench.rounds import Sample
from bench.servers import Services
from ingress.cli.up.binaries import pg_bin_dir
from shared import crypto
from shared.migrations import migrate

_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"number of failed transactions: 0 ")
# Parted by client in the statement, so that no two write the same event.
_NUMBER = "\\set number random(1, 9000000000000000)\n"


class Limit:
    """A database of its own, and the script that pgbench runs on it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._url = services.new_database("limit")
        migrate(self._url)
        self._script = services.home / "limit.sql"
        self._script.write_text(script(), encoding="utf-8")

    def sample(self, *, connections: int, seconds: float) -> Sample:
        self._services.settle()
        stores = self._services.cpu_seconds()
        per_second = _pgbench(self._script, self._url, connections=connections, seconds=max(1, round(seconds)))
        written = per_second * seconds
        return {
            "requests_per_second": per_second,
            "stores_cpu_seconds_per_1000": (self._services.cpu_seconds() - stores) * 1000 / written,
        }


def script() -> str:
    """The statement with one body as it is sealed."""
    body = next(iter(signed.deliveries(signed.Wish(count=1)))).body
    key = crypto.new_data_key(crypto.public_key_of(crypto.new_private_key()))
    sealed = crypto.seal(key, body, crypto.Identity(None, False, "evt_limit"))
    statement = statements.load("limit")["keep_one"].format(
        hash="ab" * 32,
        body_bytes=len(body),
        data_key_id=sealed.data_key_id,
        nonce=sealed.nonce.hex(),
        sealed=sealed.sealed.hex(),
    )
    return f"{_NUMBER}{statement.strip()};\n"


def lacks() -> str | None:
    """What to install first; None when pgbench is here."""
    return None if _program().exists() else "pgbench is not here; Debian has it in postgresql-contrib"


def _program() -> Path:
    return pg_bin_dir() / "pgbench"


def _pgbench(script_file: Path, url: str, *, connections: int, seconds: int) -> float:
    threads = min(2, connections)
    command: Sequence[str] = (
        *(str(_program()), "--no-vacuum", "--protocol", "prepared", "--client", str(connections)),
        *("--jobs", str(threads), "--time", str(seconds), "--file", str(script_file), url),
    )
    done = subprocess.run(
        command, env=processes.inherited(), capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    found = _RATE.search(done.stdout)
    if done.returncode or not found or not _FAILED.search(done.stdout):
        raise processes.DidNotStart(f"pgbench: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return float(found[1])
