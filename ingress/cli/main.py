"""The `carelane` command: what it knows and where each part lives."""

import click

from ingress.cli import exits
from ingress.cli.lazy import LazyGroup

COMMANDS = {
    "up": ("ingress.cli.up.command:up", "Start everything, watch over it, stop it on Ctrl-C."),
    "send": ("ingress.cli.send:send", "Sign events and post them to the front door."),
    "demo": ("ingress.cli.demo:demo", "Play a story through the front door and show what happened."),
    "status": ("ingress.cli.status:status", "Events by state, and what waits in each lane."),
    "events": ("ingress.cli.events:events_group", "List kept events, or show one."),
    "dead": ("ingress.cli.dead:dead_group", "List, show and requeue dead letters."),
    "subject": ("ingress.cli.subject:subject_group", "Show a subscription, an invoice, … and why it is so."),
    "migrate": ("ingress.cli.migrate:migrate", "Bring the database's tables up to date."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exits.explanation(),
)
@click.version_option(package_name="carelane")
def cli() -> None:
    """Carries Stripe's webhooks to safe changes of state, people in crisis first.

    Settings come from the environment; what `carelane up` left in CARELANE_HOME/env fills the gaps, so that a second
    terminal finds the running services by itself.
    """


if __name__ == "__main__":
    cli(prog_name="carelane")
