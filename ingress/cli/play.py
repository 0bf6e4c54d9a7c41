"""Plays a story through the front door, waits until its events have settled, and compares with what it promised."""

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from ingress.cli import signing
from ingress.cli.database import connection
from ingress.cli.faults import Away
from ingress.cli.front_door import Answer, FrontDoor, address
from ingress.cli.story import Step, Story
from shared import events, subjects
from shared.config import Settings
from shared.db import Connection
from shared.events import FINAL_STATES, Event

_PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Played:
    """How one step ended; `event` is None where nothing was kept, `change` is the move that the event caused."""

    step: Step
    answer: str
    event: Event | None
    change: str | None

    @property
    def state(self) -> str | None:
        return self.event.state if self.event else None

    def surprises(self) -> list[str]:
        """What the story promised and did not come, in words."""
        expected = self.step.expected
        path = self.event.reason.path if self.event and self.event.reason else None
        seen = (
            ("the answer", expected.answer, self.answer),
            ("the path", expected.path, path),
            ("the change", expected.change, self.change),
        )
        found = [f"{what} should be {wanted}" for what, wanted, had in seen if wanted not in (None, had)]
        if expected.state != self.state:
            found.append(f"it should be {expected.state or 'not kept'}")
        return found


def play(settings: Settings, story: Story) -> list[Played]:
    """Raises SettingsError, TransientError, or Away when the front door gives no answer."""
    settings.require("database_url", "webhook_secrets")
    answers = _send(settings, story)
    accepted = [step.event_id for step, answer in zip(story.steps, answers, strict=True) if answer.accepted]
    with connection(settings) as conn:
        _wait_until_settled(conn, list(dict.fromkeys(accepted)))
        found = events.find(conn, [step.event_id for step in story.steps])
        changes = _changes(conn, {step.object_id for step in story.steps})
    played = []
    for step, answer in zip(story.steps, answers, strict=True):
        event = next(iter(found[step.event_id]), None)
        change = changes.get(event.id) if event else None
        played.append(Played(step, f"{answer.status} {answer.text}", event, change))
    return played


def _send(settings: Settings, story: Story) -> list[Answer]:
    url, secret = address(settings), settings.webhook_secrets[0].value
    answers = []
    with closing(FrontDoor(url)) as door:
        for step in story.steps:
            body = signing.body_of(step.event)
            header = signing.header(body, secret=secret, signed_at=int(time.time()), flaw=step.flaw)
            answer = door.post(body, header)
            if answer.status is None:
                raise Away(f"The front door at {url} gives no answer ({answer.text}): is `carelane up` running?")
            answers.append(answer)
    return answers


def _wait_until_settled(conn: Connection, event_ids: Sequence[str]) -> None:
    """Return when all are settled, or when patience ends: then what stands open is told as it is."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = events.find(conn, event_ids)
        conn.commit()
        if all(rows and rows[0].state in FINAL_STATES for rows in found.values()):
            return
        time.sleep(_PAUSE_SECONDS)


def _changes(conn: Connection, object_ids: Iterable[str]) -> dict[int, str]:
    """For each event's row the move that it caused: `(new) -> trialing`."""
    moves = {}
    for object_id in object_ids:
        for subject in subjects.find(conn, object_id):
            for move in subjects.story(conn, subject).transitions:
                if move.event_row is not None:
                    moves[move.event_row] = move.words()
    return moves
