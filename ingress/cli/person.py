"""`carelane person`: forgets a person whose data must go."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from shared import erasure
from shared.bulk_acts import Mandate


@click.group("person")
def person_group() -> None:
    """People who are cared for: forget one."""


@person_group.command("erase")
@click.argument("user_id", metavar="USER_ID", type=options.word)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.reason
@options.as_json
def erase(*, user_id: str, yes: bool, reason: str | None, as_json: bool) -> None:
    """Remove everything that is kept of the person USER_ID, for good.

    Stays: the audit trail, which holds the id and what was done, never contents; and a creator's registered payouts.
    Refused while a crisis is open or an event has not ended. Delete the customer at Stripe first, or its next event
    brings it back.
    """
    if not (reason or "").strip():
        raise click.UsageError("--reason is mandatory: it stays in the audit trail.")
    if not yes:
        click.confirm(f"Remove everything that is kept of {user_id}, for good?", abort=True, err=True)
    with connection(environment.settings()) as conn:
        erased = erasure.erase(conn, user_id, Mandate(actor(), (reason or "").strip()))
    if as_json:
        screen.json_document(erased.to_json())
    else:
        screen.show(screen.pairs((step, count) for step, count in erased.counts.items()))
        click.echo("Erased." + (" The registered payouts of the creator stay." if erased.keeps_payouts else ""))
