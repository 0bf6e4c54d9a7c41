"""The embedded PostgreSQL: made once in the home, started without root's rights, told to keep what it confirms."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from ingress.cli.up import roles, write_ahead
from ingress.cli.up.account import Account, account_for, runnable
from ingress.cli.up.archive import archived
from ingress.cli.up.binaries import pg_bin_dir, postgres_major
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.program import Program
from shared.queries import load

_ADMIN = "postgres"
# Root keeps the home to itself, so the server's own account cannot walk the path to the data. It need not: it is
# put into that directory, and this name of it asks nothing of the directories above.
_WHERE_I_STAND = Path("/proc/self/cwd")
_BUILTIN_LOCALE_SINCE = 17
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket's path may have about a hundred characters, and a home may lie deep.
    "unix_socket_directories": "",
    # Answered 200 means kept: these three make a commit mean that.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    # Neither statements nor the values of a broken key: a log carries no contents.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def data_directory(home: Path) -> Path:
    return home / "postgres" / "data"


def program(home: Path, *, port: int, passwords: Mapping[str, str], backup_dir: Path | None = None) -> Program:
    """PostgreSQL on this home's data, which is made first if there is none; its log goes to the backups, if any.

    Raises StartFailed.
    """
    data = data_directory(home)
    account = account_for(data)
    version_file = data / "PG_VERSION"
    major = int(version_file.read_text(encoding="ascii")) if version_file.exists() else None
    bin_dir = runnable(pg_bin_dir(major=major), account)
    if major is None:
        _initialize(data, bin_dir=bin_dir, account=account, password=passwords["POSTGRES_ADMIN"])
    account.own(data.parent)
    chosen = _SETTINGS | write_ahead.settings(data) | archived(backup_dir, account)
    settings = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(bin_dir / "postgres"), "-D", _name_of(data, account), "-c", f"port={port}", *settings),
        environ=_environ(),
        directory=data,
        log=home / "logs" / "postgres.log",
        is_ready=lambda: _is_ready(port, passwords["POSTGRES_ADMIN"]),
        ready_seconds=120.0,
        # After a kill -9 a busy backend keeps the shared memory for a while, and the new server ends at once.
        retry_seconds=30.0,
        longest_delay_seconds=1.0,
        # Fast: clients are sent away, everything is written. Quit: it writes nothing and recovers at the next start.
        stop_steps=((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)),
        is_service=True,
        account=account,
    )


def _environ() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "TZDIR") if name in os.environ} | {"LC_ALL": "C"}


def _name_of(directory: Path, account: Account) -> str:
    return str(_WHERE_I_STAND if account.identity and _WHERE_I_STAND.exists() else directory)


def _initialize(data: Path, *, bin_dir: Path, account: Account, password: str) -> None:
    """Make the cluster in a draft, named `data` when whole: a crash half-way leaves nothing to trip over."""
    draft = data.with_name("data.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700, parents=True)
    data.parent.chmod(0o700)
    told = data.with_name("password.new")
    told.write_text(password, encoding="ascii")
    told.chmod(0o600)
    if account.identity:
        for path in (data.parent, draft, told):
            os.chown(path, *account.identity)
    try:
        _run_initdb(draft, bin_dir=bin_dir, account=account, password_file=told)
    finally:
        told.unlink()
    draft.rename(data)


def _run_initdb(draft: Path, *, bin_dir: Path, account: Account, password_file: Path) -> None:
    named = _name_of(draft, account)
    command = [str(bin_dir / "initdb"), "-D", named, "-U", _ADMIN, f"--pwfile={named}/../{password_file.name}"]
    command += ["--encoding=UTF8", "--data-checksums", "--auth-local=reject", "--auth-host=scram-sha-256"]
    try:
        done = subprocess.run(
            [*account.prefix, *command, *_locale(bin_dir)],
            cwd=draft,
            env=_environ(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            start_new_session=True,
            **account.popen_arguments(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise StartFailed(f"PostgreSQL's data could not be made: {error}") from error
    if done.returncode:
        raise StartFailed(f"PostgreSQL's data could not be made:\n{done.stderr.strip()[-2000:]}")


def _locale(bin_dir: Path) -> list[str]:
    """One that no upgrade of the system's C library can change under the indexes, where this version has it."""
    if (postgres_major(bin_dir) or 0) >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]


def _connect(port: int, password: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=_ADMIN,
        password=password,
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )


def _is_ready(port: int, password: str) -> bool:
    try:
        _connect(port, password).close()
    except psycopg.Error:
        return False
    return True


def ensure_database(port: int, passwords: Mapping[str, str]) -> None:
    """The application's role, which rules its own database and nothing else; a role for each process; the database."""
    statements = load("embedded")
    with _connect(port, passwords["POSTGRES_ADMIN"]) as conn:
        known = conn.execute(statements["find_role"]).rowcount
        # A command that defines something takes no parameters from afar: this cursor puts them in here.
        psycopg.ClientCursor(conn).execute(
            statements["renew_password" if known else "make_role"], {"password": passwords["POSTGRES"]}
        )
        ensure_roles(conn, passwords)
        if not conn.execute(statements["find_database"]).rowcount:
            conn.execute(statements["make_database"])


def ensure_room(home: Path, port: int, passwords: Mapping[str, str]) -> None:
    """Files for its log, where the disk has room for them."""
    if write_ahead.is_roomy(data_directory(home)):
        with _connect(port, passwords["POSTGRES_ADMIN"]) as conn:
            write_ahead.make_room(conn)


def ensure_roles(conn: "psycopg.Connection[tuple[object, ...]]", passwords: Mapping[str, str]) -> None:
    """A role for each kind of process, none of which owns anything; the migrator gives each its rights."""
    statements = load("embedded")
    for role, secret in roles.passwords_in(passwords):
        known = conn.execute(statements["find_process_role"], {"role": role}).rowcount
        named = {"role": sql.Identifier(role), "password": sql.Literal(secret)}
        conn.execute(sql.SQL(statements["renew_process_password" if known else "make_process_role"]).format(**named))
