"""`carelane up`: starts everything on this machine, shows it at work, watches over it until Ctrl-C."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg

from ingress.cli import exits
from ingress.cli.actor import actor
from ingress.cli.up import leftovers, postgres, procfile, valkey
from ingress.cli.up.demonstration import play
from ingress.cli.up.environment import Effective, compose
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.generated import service_passwords
from ingress.cli.up.home import format_pairs, make_home, read_pairs, take_lock, write_private
from ingress.cli.up.program import Program
from ingress.cli.up.report import Report
from ingress.cli.up.stopping import Stopped, StopWish
from ingress.cli.up.supervisor import Supervisor
from shared import db, settings_trail
from shared.errors import CarelaneError
from shared.migrations import MigrationError, migrate


@click.command("up")
@click.option("--demo/--no-demo", default=True, help="Play a short story through the front door once all is ready.")
@click.option(
    "--procfile",
    "procfile_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=procfile.USUAL,
    hidden=True,
    help="Another Procfile than Carelane's own.",
)
def up(*, demo: bool, procfile_path: Path) -> None:
    """Start everything Carelane needs on this machine and run until Ctrl-C."""
    report = Report()
    try:
        sys.exit(_run(report, procfile_path=procfile_path, demo=demo))
    except StartFailed as error:
        report.failure(str(error))
        sys.exit(error.exit_code)


def _run(report: Report, *, procfile_path: Path, demo: bool) -> int:
    wish = StopWish()
    wish.listen()
    home = make_home(Path(os.environ.get("CARELANE_HOME", "").strip() or ".carelane"))
    lock = take_lock(home)
    try:
        effective, passwords = _prepare(home, report)
        supervisor = Supervisor(home=home, wish=wish, tell=report.trouble)
        with _stopping(supervisor, report):
            programs = procfile.programs(procfile_path, effective.values)
            _start_services(supervisor, effective, passwords, wish=wish)
            first, *others = procfile.turns(programs)
            supervisor.start(first)
            report.addresses(effective)
            for together in others:
                supervisor.start(together)
            if demo:
                play(effective.values, supervisor=supervisor, wish=wish, report=report)
            report.line("Ctrl-C stops it.")
            supervisor.supervise()
    except Stopped:
        report.trouble("Stopped before everything was ready.")
        return exits.FAILED
    finally:
        os.close(lock)
    return exits.OK


@contextmanager
def _stopping(supervisor: Supervisor, report: Report) -> Iterator[None]:
    """Whatever happens within, nothing is left running after it."""
    try:
        yield
    finally:
        report.line("Stopping …")
        supervisor.stop()
        report.line("Nothing is left running.")


def _prepare(home: Path, report: Report) -> tuple[Effective, Mapping[str, str]]:
    """What an earlier run left goes first: it may hold the ports that are about to be chosen."""
    ended = leftovers.end_leftovers(home / "run" / "processes.json")
    if leftovers.end_postmaster(postgres.data_directory(home)):
        ended.append("postgres")
    if ended:
        report.trouble(f"Ended what an earlier run left behind: {', '.join(sorted(set(ended)))}.")
    passwords = service_passwords(home)
    effective = compose(os.environ, home=home, kept=read_pairs(home / "env"), passwords=passwords)
    for side in ("webhook", "core"):
        metrics = home / "run" / "metrics" / side
        shutil.rmtree(metrics, ignore_errors=True)  # the counters of processes that are no more
        metrics.mkdir(mode=0o700, parents=True)
    write_private(home / "env", format_pairs(effective.values))
    return effective, passwords


def _start_services(
    supervisor: Supervisor, effective: Effective, passwords: Mapping[str, str], *, wish: StopWish
) -> None:
    """The services, then the tables: all that the others work with."""
    supervisor.start(_services(effective, passwords))
    if "REDIS_URL" not in effective.embedded and not valkey.answers(effective.values["REDIS_URL"]):
        raise StartFailed("Nothing that we may use answers at REDIS_URL.")
    try:
        if "DATABASE_URL" in effective.embedded:
            port = effective.embedded["DATABASE_URL"]
            postgres.ensure_database(port, passwords)
            postgres.ensure_room(effective.settings.home, port, passwords)
        with wish.interrupting():
            migrate(effective.values["DATABASE_URL"])
            with db.connect(effective.values["DATABASE_URL"], name="up") as conn:
                settings_trail.note(conn, effective.settings, actor=actor())
    except (CarelaneError, MigrationError, psycopg.Error) as error:
        raise StartFailed(f"The database cannot be prepared: {error.__cause__ or error}") from error


def _services(effective: Effective, passwords: Mapping[str, str]) -> list[Program]:
    home, ports = effective.settings.home, effective.embedded
    services = []
    if "DATABASE_URL" in ports:
        backups = effective.settings.backup_dir
        services.append(postgres.program(home, port=ports["DATABASE_URL"], passwords=passwords, backup_dir=backups))
    if "REDIS_URL" in ports:
        services.append(valkey.program(home, port=ports["REDIS_URL"], password=passwords["VALKEY"]))
    return services
