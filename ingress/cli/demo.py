"""`carelane demo`: plays a story through the front door and shows what happened; a check that can fail."""

import secrets
import sys
import time
from collections.abc import Sequence

import click

from ingress.cli import environment, options, screen, story
from ingress.cli.event_page import reason_text
from ingress.cli.faults import Failed, Unusable
from ingress.cli.play import Played, play
from ingress.cli.story import DEFAULT, Story


@click.command()
@click.argument("name", metavar="[STORY]", default=DEFAULT)
@options.as_json
def demo(*, name: str, as_json: bool) -> None:
    """Play a STORY through the front door and show what happened to each event.

    The stories are `subscription`, which is played by default, and `shapes`. Exits 0 only if each step ended as told.
    """
    if name not in story.names():
        raise click.UsageError(f"There is no story {name!r}; there are: {', '.join(story.names())}.")
    settings = environment.settings()
    if settings.livemode:
        raise Unusable("The demonstration plays test events, and this deployment takes live ones only.")
    told = story.tell(name, run=secrets.token_hex(6), now=int(time.time()))
    with screen.console(sys.stderr).status("Playing the story and waiting until every event has settled"):
        played = play(settings, told)
    _show(told, played, as_json=as_json)
    if missed := sum(bool(step.surprises()) for step in played):
        raise Failed(f"{missed} of {len(played)} steps did not end as the story tells.")


def _show(told: Story, played: Sequence[Played], *, as_json: bool) -> None:
    passed = not any(step.surprises() for step in played)
    if as_json:
        screen.json_document({"story": told.name, "passed": passed, "steps": [_to_json(step) for step in played]})
        return
    columns = ("STEP", "ANSWER, STATE", "WHAT CHANGED, OR WHY NOT")
    screen.show(screen.table(told.title, columns, map(_line, played)))
    if passed:
        click.echo(f"All {len(played)} steps ended as the story tells.")


def _line(played: Played) -> tuple[object, ...]:
    event = played.event
    change = f"{played.change}, once" if played.change and played.answer.endswith("duplicate") else played.change
    why = reason_text(event.reason) if event else "refused: nothing is kept"
    wrong = "; ".join(played.surprises())
    return (
        screen.stacked(played.step.name, played.step.event["type"]),
        screen.stacked(played.answer, f"{event.state} ({event.lane})" if event else "not kept"),
        screen.stacked(change or why, f"NOT AS TOLD: {wrong}" if wrong else None),
    )


def _to_json(played: Played) -> dict[str, object]:
    event = played.event
    return {
        "step": played.step.name,
        "eventId": played.step.event_id,
        "type": played.step.event["type"],
        "answer": played.answer,
        "lane": event and event.lane,
        "state": played.state,
        "reason": event.reason.to_json() if event and event.reason else None,
        "change": played.change,
        "surprises": played.surprises(),
    }
