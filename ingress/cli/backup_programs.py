"""PostgreSQL's own programs for backups, run with the password where no other user can see it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import conninfo

from ingress.cli.faults import Failed
from ingress.cli.up.binaries import pg_bin_dir, postgres_major
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.home import read_pairs
from shared.config import Settings, SettingsError

# A large database on a slow line takes hours; what takes longer than the time between two backups has stopped moving.
_LONGEST_SECONDS = 24 * 3600
_ADMIN_PASSWORD, _OWN_PASSWORD = "POSTGRES_ADMIN", "POSTGRES"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, for a command line, and the password, for the environment."""

    text: str
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "Address":
        words: dict[str, Any] = dict(conninfo.conninfo_to_dict(url))
        password = words.pop("password", None)
        words.pop("dbname", None)
        return cls(conninfo.make_conninfo(**words), {} if password is None else {"PGPASSWORD": str(password)})


def url_for_backups(settings: Settings) -> str:
    """CARELANE_BACKUP_URL, or the administrator of the embedded server that these settings belong to."""
    if settings.backup_url is not None:
        return settings.backup_url
    passwords = read_pairs(settings.home / "passwords")
    known = conninfo.conninfo_to_dict(settings.database_url or "")
    if not is_embedded(settings) or _ADMIN_PASSWORD not in passwords:
        raise SettingsError(["CARELANE_BACKUP_URL is not set, and the database is no embedded one of this home"])
    changed: dict[str, Any] = {"user": "postgres", "password": passwords[_ADMIN_PASSWORD], "dbname": "postgres"}
    return conninfo.make_conninfo(**(dict(known) | changed))


def is_embedded(settings: Settings) -> bool:
    """Whether the database is the one that `carelane up` runs in this home."""
    known = conninfo.conninfo_to_dict(settings.database_url or "")
    return known.get("password") == read_pairs(settings.home / "passwords").get(_OWN_PASSWORD, "")


def programs(major: int) -> tuple[Path, bool]:
    """The directory of those of this version, or of a later one; whether they are of the same."""
    try:
        return pg_bin_dir(major=major), True
    except StartFailed:
        newest = pg_bin_dir()
        return newest, postgres_major(newest) == major


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """Its standard output. Raises Failed with the end of what it said."""
    environ = dict(os.environ) | {"LC_ALL": "C"} | dict(environ or {})
    try:
        done = subprocess.run(
            list(command), env=environ, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except OSError as error:
        raise Failed(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{Path(command[0]).name} did not end within a day and was stopped.") from error
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} failed:\n{done.stderr.strip()[-1500:]}")
    return done.stdout
