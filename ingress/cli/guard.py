"""`carelane guard`: the types whose dead letters came in a flood, and how to let what waits behind them go on."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import guards
from shared.bulk_acts import Mandate
from shared.reasons import fault_of

NO_TYPE = "none"
_LET_DIE_MINUTES = 60


@click.group("guard")
def guard_group() -> None:
    """Show or lift guards.

    A guard opens when dead letters of one type come in a flood. While it stands, what would die waits instead; what can
    be processed goes on. It ends by itself.
    """


@guard_group.command("list")
@options.as_json
def list_guards(*, as_json: bool) -> None:
    """List the guards that stand."""
    with connection(environment.settings()) as conn:
        found = guards.standing(conn)
    if as_json:
        screen.json_document({"guards": [guard.to_json() for guard in found]})
    elif not found:
        click.echo("No guard stands.")
    else:
        rows = ((g.type or NO_TYPE, g.deaths, g.ended, g.parked, g.opened_at, g.ends_at) for g in found)
        screen.show(screen.table("Guards", ("TYPE", "DIED", "OF", "WAIT", "SINCE", "UNTIL"), rows))


@guard_group.command("lift")
@click.argument("event_type", metavar="TYPE")
@click.option(
    "--let-die", is_flag=True, help="For an hour open no other: what cannot be processed becomes a dead letter."
)
@options.reason
def lift_guard(*, event_type: str, let_die: bool, reason: str | None) -> None:
    """Lift the guard of TYPE (`none`: events without one) and let all that waits behind it be tried again.

    When the cause still stands the guard opens again after as many deaths as before, unless --let-die is given.
    """
    if fault := fault_of(reason):
        raise click.UsageError(f"--reason: {fault}.")
    wanted = None if event_type == NO_TYPE else event_type
    with connection(environment.settings()) as conn:
        mandate = Mandate(actor(), str(reason))
        if not guards.lift(conn, wanted, mandate, let_die_minutes=_LET_DIE_MINUTES if let_die else None):
            raise Failed(f"No guard stands for {event_type}: nothing was changed.")
        conn.commit()
        released = 0
        while now := guards.release(conn, wanted):
            conn.commit()
            released += now
    click.echo(f"The guard is lifted; {released} event(s) are tried again.")
