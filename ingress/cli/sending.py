"""A run of deliveries: what is sent in which order, how each is signed, and what was answered."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from ingress.cli import event_files, signing
from ingress.cli.event_files import Event
from ingress.cli.front_door import Answer, FrontDoor
from ingress.cli.signing import Flaw

_GIVE_UP_AFTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to sign and pace; `age_seconds` before now, negative for a time to come; `rate` per second, 0 unbounded."""

    secret: str
    flaw: Flaw = "none"
    tamper: bool = False
    age_seconds: int = 0
    rate: float = 0.0


def line_up(events: Sequence[Event], *, count: int | None, unique: bool, duplicate: bool, shuffle: bool) -> list[bytes]:
    """The bodies in the order they are sent; `count` goes round the events, `duplicate` sends each one twice."""
    chosen = list(islice(cycle(events), count)) if count else list(events)
    bodies = [signing.body_of(event_files.renamed(event) if unique else event) for event in chosen]
    bodies = [body for body in bodies for _ in range(2 if duplicate else 1)]
    if shuffle:
        random.SystemRandom().shuffle(bodies)
    return bodies


def deliver(
    door: FrontDoor, bodies: Sequence[bytes], manner: Manner, *, clock: Callable[[], float] = time.time
) -> Iterator[Answer]:
    """Post one after the other; ends early when the door gives no answer several times in a row."""
    began, unanswered = time.monotonic(), 0
    for position, body in enumerate(bodies):
        if manner.rate:
            time.sleep(max(0.0, began + position / manner.rate - time.monotonic()))
        signed_at = int(clock()) - manner.age_seconds
        header = signing.header(body, secret=manner.secret, signed_at=signed_at, flaw=manner.flaw)
        answer = door.post(_tampered(body) if manner.tamper else body, header)
        yield answer
        unanswered = unanswered + 1 if answer.status is None else 0
        if unanswered >= _GIVE_UP_AFTER:
            return


def tally(answers: Sequence[Answer]) -> Counter[tuple[int | None, str]]:
    return Counter((answer.status, answer.text) for answer in answers)


def _tampered(body: bytes) -> bytes:
    """Changed after it was signed, and still JSON: only the signature can tell."""
    return body.rstrip() + b" " * (1 + secrets.randbelow(8))
