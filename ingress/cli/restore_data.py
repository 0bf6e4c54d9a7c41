"""Lays a base backup as the data of a server that recovers from the archived log; waits for the embedded one."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import psycopg

from ingress.cli import restore_finish
from ingress.cli.faults import Failed
from ingress.cli.up import postgres
from ingress.cli.up.account import account_for
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.generated import service_passwords
from ingress.cli.up.home import make_home, take_lock
from ingress.cli.up.leftovers import end_leftovers, end_postmaster
from ingress.cli.up.ports import port_is_free
from ingress.cli.up.program import Program
from shared import db
from shared.backup_store import Base, Store, restore_command
from shared.config import Settings
from shared.restored import Restored

_TOLD_EVERY_SECONDS = 10.0
_LOOK_SECONDS = 0.2
_PORTS = range(15_932, 16_379)
_RECOVERY = ("restore_command", "recovery_target_time", "recovery_target_action", "recovery_target_timeline")


@dataclass(frozen=True, slots=True)
class Plan:
    """`until` None: all that was archived."""

    store: Store
    base: Base
    until: datetime | None


def lay(plan: Plan, target: Path, *, wal: Sequence[Path]) -> None:
    """Make the directory; `wal` are the places that its recovery looks for the log in. Raises Failed."""
    if target.exists() and any(target.iterdir()):
        raise Failed(f"{target} is not empty: nothing is ever laid over data.")
    try:
        shutil.copytree(plan.store.data(plan.base), target, symlinks=True, dirs_exist_ok=True)
        target.chmod(0o700)
        with (target / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {_quoted(value)}\n" for name, value in _recovery(plan, wal).items())
        (target / "recovery.signal").touch(mode=0o600)
    except OSError as error:
        raise Failed(f"{target} cannot be laid: {error}") from error


def _recovery(plan: Plan, wal: Sequence[Path]) -> dict[str, str]:
    told = {
        "restore_command": restore_command(*wal),
        "recovery_target_timeline": "latest",
        "recovery_target_action": "promote",
    }
    if plan.until is not None:
        told["recovery_target_time"] = plan.until.astimezone(UTC).isoformat(sep=" ")
    return told


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def bring_back(plan: Plan, settings: Settings, *, actor: str, reason: str) -> Restored:
    """The embedded server's data, recovered, made fit and stopped again. Raises StartFailed while it runs."""
    home = make_home(settings.home)
    lock = take_lock(home)
    try:
        end_leftovers(home / "run" / "processes.json")
        end_postmaster(postgres.data_directory(home))
        _replace(plan, postgres.data_directory(home))
        port, passwords = _free_port(), service_passwords(home)
        program = postgres.program(home, port=port, passwords=passwords, backup_dir=plan.store.directory)
        url = f"postgresql://postgres:{passwords['POSTGRES_ADMIN']}@127.0.0.1:{port}"
        with _running(program, f"{url}/postgres"):
            _wait(program, f"{url}/postgres")
            with db.connect(f"{url}/carelane", name="command") as conn:
                return restore_finish.finish(conn, settings, actor=actor, reason=reason)
    finally:
        os.close(lock)


def _free_port() -> int:
    """Not the usual one: whoever still tries that must not find a database that is not whole."""
    return next(port for port in _PORTS if port_is_free("127.0.0.1", port))


def _replace(plan: Plan, data: Path) -> None:
    """What is there is set aside under a name of its own: the log in it may be newer than the archive's."""
    draft = data.with_name("data.new")
    if draft.exists():
        shutil.rmtree(draft)
    aside = data.with_name(f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = account_for(data)
    lay(plan, draft, wal=[plan.store.wal, aside / "pg_wal"])
    account.own(draft)
    account.own(data.parent)
    if data.exists():
        data.rename(aside)
        click.echo(f"The data of before are set aside: {aside}", err=True)
    draft.rename(data)


@contextmanager
def _running(program: Program, url: str) -> Iterator[None]:
    process = program.spawn()
    try:
        began = time.monotonic()
        while not _answers(url):
            if process.poll() is not None:
                raise StartFailed(f"PostgreSQL did not recover. The end of {program.log}:\n{program.last_lines()}")
            if time.monotonic() - began > _TOLD_EVERY_SECONDS:
                click.echo("PostgreSQL recovers …", err=True)
                began = time.monotonic()
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        for number, seconds in program.stop_steps:
            if process.poll() is None:
                process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            told = "The backup's administrator has another password than this home"
            raise StartFailed(f"{told}: bring `passwords` and `env` of the home that it was taken from.") from error
        return False
    return True


def _wait(program: Program, url: str) -> None:
    """Until it has taken in all of the log that it was to and lets itself be written; then forget how it got there."""
    told = time.monotonic()
    while True:
        try:
            with psycopg.connect(url, connect_timeout=5, autocommit=True) as conn:
                row = conn.execute("SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()").fetchone()
                if row is not None and not row[0]:
                    for name in _RECOVERY:
                        conn.execute(f"ALTER SYSTEM RESET {name}".encode())
                    return
                if row is not None and time.monotonic() - told > _TOLD_EVERY_SECONDS:
                    click.echo(f"Recovered up to {row[1]} …", err=True)
                    told = time.monotonic()
        except psycopg.OperationalError as error:
            raise StartFailed(f"PostgreSQL ended while it recovered. {program.last_lines()}") from error
        time.sleep(_LOOK_SECONDS)
