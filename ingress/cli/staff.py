"""`carelane staff`: the accounts of people who work in the console."""

import re
from collections.abc import Callable

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import staff
from shared.config import Settings
from shared.errors import NotFound
from shared.rules.staff_limits import SETUP_HOURS
from shared.rules.staff_roles import ROLES
from shared.staff import NameTaken

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class _Name(options.Word):
    """A name as the audit trail shows it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _NAME.fullmatch(value):
            self.fail("a name has 1 to 64 of a-z, 0-9 and . _ @ + -, and begins with a letter or figure", param, ctx)
        return value


_name = click.argument("name", metavar="NAME", type=_Name())
_role = click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
_why = click.option("--reason", type=options.word, required=True, help="Why; kept in the audit trail.")


@click.group("staff")
def staff_group() -> None:
    """Accounts of people who work in the console."""


@staff_group.command("add")
@_name
@_role
def add(*, name: str, role: str) -> None:
    """Make an account and print its setup code, this once and alone on its line; only its hash is kept."""
    settings = environment.settings()
    lookup_key = _lookup_key(settings)
    with connection(settings) as conn:
        try:
            code = staff.add(conn, name, role, actor=actor(), lookup_key=lookup_key)
        except NameTaken as error:
            raise Failed(f"{error}: nothing was changed.") from error
    _tell(code)


@staff_group.command("list")
@options.as_json
def list_staff(*, as_json: bool) -> None:
    """List the accounts by name."""
    with connection(environment.settings()) as conn:
        found = staff.listing(conn)
    if as_json:
        screen.json_document({"staff": [one.to_json() for one in found]})
    elif not found:
        click.echo("No account was made yet.")
    else:
        rows = ((s.name, s.role, s.created_at, s.created_by, s.enrolled_at, s.disabled_at) for s in found)
        screen.show(screen.table("Staff", ("NAME", "ROLE", "MADE", "BY", "ENROLLED", "DISABLED"), rows))


@staff_group.command("role")
@_name
@_role
@_why
def change_role(*, name: str, role: str, reason: str) -> None:
    """Give the account NAME another role; it holds from the next request on."""
    with connection(environment.settings()) as conn:
        _of_account(lambda: staff.change_role(conn, name, role, actor=actor(), reason=reason))
    click.echo(f"{name} is {role} now.")


@staff_group.command("link")
@_name
@click.argument("subject", metavar="SUBJECT", type=options.word)
@_why
def link(*, name: str, subject: str, reason: str) -> None:
    """Let whom the OpenID provider knows as SUBJECT sign in as NAME."""
    with connection(environment.settings()) as conn:
        try:
            _of_account(lambda: staff.link(conn, name, subject, actor=actor(), reason=reason))
        except NameTaken as error:
            raise Failed(f"{error}: nothing was changed.") from error
    click.echo(f"{name} may sign in by the provider.")


@staff_group.command("disable")
@_name
@_why
def disable(*, name: str, reason: str) -> None:
    """Disable the account NAME and end its sessions."""
    with connection(environment.settings()) as conn:
        _of_account(lambda: staff.disable(conn, name, actor=actor(), reason=reason))
    click.echo(f"{name} is disabled.")


@staff_group.command("reset")
@_name
@_why
def reset(*, name: str, reason: str) -> None:
    """Have NAME enrol anew: prints a setup code; password, codes and sessions end. Opens a disabled account."""
    settings = environment.settings()
    lookup_key = _lookup_key(settings)
    with connection(settings) as conn:
        code = _of_account(lambda: staff.reset(conn, name, actor=actor(), reason=reason, lookup_key=lookup_key))
    _tell(code or "")


def _of_account(does: Callable[[], str | None]) -> str | None:
    try:
        return does()
    except NotFound as error:
        raise Failed(f"{error}: nothing was changed.") from error


def _tell(code: str) -> None:
    click.echo(code)
    click.echo(f"A setup code, good once and for {SETUP_HOURS} hours, at /console/enrol.", err=True)


def _lookup_key(settings: Settings) -> bytes:
    settings.require("lookup_key")
    return settings.lookup_key or b""
