"""`carelane send`: signs events the way Stripe does and posts them; needs no database."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from ingress.cli import environment, event_files, exits, options, screen, sending
from ingress.cli.faults import Unusable
from ingress.cli.front_door import Answer, FrontDoor, address
from ingress.cli.sending import Manner
from shared.config import Settings, SettingsError

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_ORDER = ("count", "unique", "duplicate", "shuffle")


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE…")
@click.option("--url", help="The front door; by default this deployment's.")
@click.option("--secret", help="The endpoint secret; by default the first of STRIPE_WEBHOOK_SECRETS.")
@click.option("--count", type=click.IntRange(1, 1_000_000), help="Send so many, going round the events.")
@click.option("--unique", is_flag=True, help="Give every event a new id, so that none is a duplicate.")
@click.option("--duplicate", is_flag=True, help="Send every event twice.")
@click.option("--shuffle", is_flag=True, help="In random order.")
@click.option("--rate", type=click.FloatRange(0.01, 10_000), help="At most so many a second.")
@click.option("--age", type=int, default=0, metavar="SECONDS", help="Sign as so long ago; negative: in the future.")
@click.option("--tamper", is_flag=True, help="Change each body after signing it.")
@click.option("--bad-signature", "flaw", flag_value="bad", help="Sign with a secret that is not the endpoint's.")
@click.option("--no-signature", "flaw", flag_value="missing", help="Leave the signature out.")
@options.as_json
def send(*, files: Sequence[Path], url: str | None, as_json: bool, **how: Any) -> None:
    """Sign the events in FILEs and post them to the front door.

    A file holds one event, a list of events, or one of Stripe's list objects, each bare or as EventBridge or Event
    Grid wrap it. Exits 0 only if each was answered 2xx.
    """
    settings = environment.settings()
    manner = Manner(
        secret=how["secret"] or _first_secret(settings),
        flaw=how["flaw"] or "none",
        tamper=how["tamper"],
        age_seconds=how["age"],
        rate=how["rate"] or 0.0,
    )
    bodies = sending.line_up(_events(files), **{name: how[name] for name in _ORDER})
    url = url or address(settings)
    answers = _deliver(url, bodies, manner)
    _tell(url, len(bodies), answers, as_json=as_json)
    click.get_current_context().exit(_exit_code(answers))


def _events(files: Sequence[Path]) -> list[event_files.Event]:
    try:
        return event_files.read(files)
    except (OSError, ValueError) as error:
        raise Unusable(str(error)) from error


def _first_secret(settings: Settings) -> str:
    if not settings.webhook_secrets:
        raise SettingsError(["STRIPE_WEBHOOK_SECRETS is not set; give it, or --secret"])
    return settings.webhook_secrets[0].value


def _deliver(url: str, bodies: Sequence[bytes], manner: Manner) -> list[Answer]:
    stderr = screen.console(sys.stderr)
    hidden = not stderr.is_terminal or len(bodies) == 1
    answers = []
    with closing(FrontDoor(url)) as door, Progress(console=stderr, disable=hidden, transient=True) as progress:
        bar = progress.add_task("Sending", total=len(bodies))
        for answer in sending.deliver(door, bodies, manner):
            answers.append(answer)
            progress.advance(bar)
    return answers


def _tell(url: str, wanted: int, answers: Sequence[Answer], *, as_json: bool) -> None:
    lines = [
        {"status": status, "answer": text, "count": count}
        for (status, text), count in sending.tally(answers).most_common()
    ]
    if as_json:
        screen.json_document({"url": url, "sent": len(answers), "notSent": wanted - len(answers), "answers": lines})
        return
    rows = ((line["status"] or "-", line["answer"], line["count"]) for line in lines)
    screen.show(screen.table(f"{len(answers)} sent to {url}", ("STATUS", "ANSWER", "COUNT"), rows))
    if len(answers) < wanted:
        click.echo(f"Gave up: {wanted - len(answers)} were not sent.", err=True)


def _exit_code(answers: Sequence[Answer]) -> int:
    if any(answer.status is None for answer in answers):
        return exits.AWAY
    return exits.OK if all(answer.accepted for answer in answers) else exits.REFUSED
