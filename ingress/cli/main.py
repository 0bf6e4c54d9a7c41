"""The `carelane` command: what it knows and where each part lives."""

import click

from ingress.cli import exits
from ingress.cli.lazy import LazyGroup

COMMANDS = {
    "up": ("ingress.cli.up.command:up", "Start everything, watch over it, stop it on Ctrl-C."),
    "send": ("ingress.cli.send:send", "Sign events and post them to the front door."),
    "demo": ("ingress.cli.demo:demo", "Play a story through the front door and show what happened."),
    "restart": ("ingress.cli.restart:restart", "Replace the running processes one after the other."),
    "status": ("ingress.cli.status:status", "Events by state, and what waits in each lane."),
    "report": ("ingress.cli.report:report", "What happened in one day, in figures."),
    "events": ("ingress.cli.events:events_group", "List kept events; show, explain or replay them."),
    "dead": ("ingress.cli.dead:dead_group", "List, show, requeue and discard dead letters."),
    "guard": ("ingress.cli.guard:guard_group", "Types whose dead letters came in a flood: show, lift."),
    "subject": ("ingress.cli.subject:subject_group", "Show a subscription, an invoice, … and why it is so."),
    "backfill": ("ingress.cli.backfill:backfill", "Bring events from Stripe that never arrived."),
    "reconcile": ("ingress.cli.reconcile:reconcile", "Compare what is known with Stripe's objects, and mend it."),
    "endpoint": ("ingress.cli.endpoint:endpoint_group", "Webhook endpoints at Stripe: register, list, roll."),
    "import": ("ingress.cli.importing:import_events", "Keep events from files, unsigned: what a cloud's queue held."),
    "token": ("ingress.cli.token:token_group", "Tokens of the services that call the application door."),
    "callbacks": ("ingress.cli.callbacks:callbacks_group", "Endpoints of the backend that are called about changes."),
    "staff": ("ingress.cli.staff:staff_group", "Accounts of people who work in the console."),
    "sources": ("ingress.cli.sources:sources_group", "The list of networks that Stripe sends from."),
    "emergency": ("ingress.cli.emergency:emergency_group", "One-time codes that open emergency access."),
    "person": ("ingress.cli.person:person_group", "Forget a person whose data must go."),
    "keys": ("ingress.cli.keys:keys_group", "The keys that bodies are sealed with: make a pair, rotate."),
    "audit": ("ingress.cli.audit:audit_group", "Check the audit trail for tampering; export it with its proof."),
    "simulate": (
        "ingress.cli.simulator.command:simulate",
        "Stand in for Stripe: serve its API, deliver made-up lives.",
    ),
    "run": ("ingress.cli.run:run", "Become one process of the Procfile, for containers and units."),
    "alive": ("ingress.cli.alive:alive", "Whether a process of the Procfile gets on here."),
    "doctor": ("ingress.cli.doctor:doctor", "What is wrong around Carelane, and what to do about it."),
    "backup": ("ingress.cli.backup:backup_group", "Base backups of the database: take, list, check, prune."),
    "restore": ("ingress.cli.restore:restore_group", "Bring the database back, as it is or as it was at a time."),
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
