"""Histories drawn from a seed: what Stripe might send of one subject, with what goes wrong on the way to us.

Drawn by hand, for Hypothesis would take longer to draw twenty thousand of them than the fold to tell them.
HISTORIES=20000 asks for more of them, HISTORIES_SEED=… for those that a failure was seen in.
"""

import dataclasses
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, get_type_hints

from schemas import catalog
from schemas.catalog import EventType
from schemas.facts import KINDS, Fact, to_json
from shared.rules.history import Placed
from tests.factories.facts import MOMENT, statuses

FEWEST = 2_000
HISTORIES = int(os.environ.get("HISTORIES", FEWEST))
SEED = os.environ.get("HISTORIES_SEED") or secrets.token_hex(4)
LONGEST = 12

# Few of each, so that facts which differ in one field only, or in none, are met often.
_VALUES: Mapping[Any, Sequence[Any]] = {
    str: ("one", "two"),
    int: (0, 1, 2),
    bool: (False, True),
    datetime: (MOMENT, MOMENT + timedelta(seconds=1)),
    tuple[str, ...]: ((), ("one",), ("one", "two")),
}

# What an owed payout gathers: a transfer, the payout that follows, and the one by which that is taken back.
_OWED: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("transfer", "tr_1", {}),
    ("payout", "po_1", {"original_payout": None}),
    ("payout", "po_2", {"original_payout": "po_1"}),
    # Others that name the same registered payout in their metadata.
    ("transfer", "tr_2", {}),
    ("payout", "po_3", {"original_payout": None}),
)
_SECONDS_BETWEEN = (0, 0, 1, 1, 60)
# Of five facts every order is told, so a history of five takes as long as ten of the others.
_LENGTHS = (1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, LONGEST, LONGEST)


def history(kind: str, random: Random) -> list[Placed]:
    """Up to twelve facts: a life, some of it lost, some of it told again, by the same event or by another."""
    arrivals = random.choice(_LENGTHS)
    repeats = min(random.choice((0, 0, 1, 2)), arrivals - 1)
    lost = random.choice((0, 0, 1, 3))
    tell = _life if random.random() < 0.7 else _anything
    arrived = random.sample(list(tell(kind, random, arrivals - repeats + lost)), arrivals - repeats)
    for one in random.choices(arrived, k=repeats):
        arrived.append(random.choice((one, dataclasses.replace(one, cause=f"{one.cause}_twin"))))
    return arrived


def again(number: int) -> str:
    """How to see this history again."""
    return f"HISTORIES_SEED={SEED} HISTORIES={HISTORIES}, number {number}"


def spread(facts: Sequence[Placed]) -> list[Placed]:
    """The same facts, each at a second of its own."""
    return [
        dataclasses.replace(one, occurred_at=MOMENT + timedelta(seconds=number)) for number, one in enumerate(facts)
    ]


def _life(kind: str, random: Random, length: int) -> Iterator[Placed]:
    """Each fact shows its whole object; an update names what it changed."""
    shown: dict[str, Fact] = {}
    at = MOMENT
    for number in range(length):
        kind_of_fact, subject_id, given = random.choice(_objects(kind))
        before = shown.get(subject_id)
        known = _type(kind_of_fact, random, is_first=before is None)
        fact = _changed(before, known, random) if before else _fact(known, random, subject_id=subject_id, **given)
        yield _placed(number, known, fact, at, previous=_difference(before, fact) if before else None)
        shown[subject_id] = fact
        at += timedelta(seconds=random.choice(_SECONDS_BETWEEN))


def _anything(kind: str, random: Random, length: int) -> Iterator[Placed]:
    """Facts and old values that need not fit each other: the fold must take whatever is signed."""
    for number in range(length):
        kind_of_fact, subject_id, given = random.choice(_objects(kind))
        known = _type(kind_of_fact, random, is_first=False)
        fact, other = (_fact(known, random, subject_id=subject_id, **given) for _ in range(2))
        at = MOMENT + timedelta(seconds=random.randrange(6))
        yield _placed(number, known, fact, at, previous=_difference(other, fact))


def _objects(kind: str) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
    return _OWED if kind == "owed_payout" else ((kind, "x", {}),)


@cache
def _types(kind: str) -> Sequence[EventType]:
    return [known for known in catalog.EVENT_TYPES.values() if known.kind == kind]


def _type(kind: str, random: Random, *, is_first: bool) -> EventType:
    known = _types(kind)
    updates = [one for one in known if one.type.endswith(".updated")]
    if is_first:
        return known[0]
    return random.choice(updates if updates and random.random() < 0.5 else known)


@cache
def _hints(kind: str) -> Mapping[str, Any]:
    hints = get_type_hints(KINDS[kind])
    return {field.name: hints[field.name] for field in fields(KINDS[kind])}


@cache
def _required(kind: str) -> frozenset[str]:
    return frozenset(field.name for field in fields(KINDS[kind]) if field.default is MISSING)


def _fact(known: EventType, random: Random, **given: Any) -> Fact:
    if known.read:  # of an account that has left nothing is shown
        return KINDS[known.kind](subject_id=given["subject_id"], status="deauthorized")
    free = [name for name in _hints(known.kind) if name not in {"subject_id", "status", *given}]
    chosen = [name for name in free if name in _required(known.kind) or random.random() < 0.3]
    values = {name: _value(known.kind, name, random) for name in chosen}
    return KINDS[known.kind](**values, **given, status=_status(known.kind, random))


def _changed(before: Fact, known: EventType, random: Random) -> Fact:
    if known.read:
        return KINDS[known.kind](subject_id=before.subject_id, status="deauthorized")
    free = [name for name in _hints(known.kind) if name not in {"subject_id", "status", "original_payout"}]
    changes = {name: _value(known.kind, name, random) for name in random.sample(free, min(2, len(free)))}
    status = _status(known.kind, random) if random.random() < 0.6 else before.status
    return dataclasses.replace(before, **changes, status="connected" if known.kind == "account" else status)


def _status(kind: str, random: Random) -> str:
    return "connected" if kind == "account" else random.choice(_statuses(kind))


_statuses = cache(statuses)


def _value(kind: str, name: str, random: Random) -> Any:
    hint = _hints(kind)[name]
    if hint in _VALUES:
        return random.choice(_VALUES[hint])
    return random.choice((None, *next(values for known, values in _VALUES.items() if hint == known | None)))


def _difference(before: Fact, after: Fact) -> dict[str, Any]:
    was, now = to_json(before), to_json(after)
    return {name: value for name, value in was.items() if value != now[name]}


def _placed(number: int, known: EventType, fact: Fact, at: datetime, *, previous: Mapping[str, Any] | None) -> Placed:
    return Placed(
        cause=f"evt_{number}",
        type=known.type,
        rank=known.rank,
        occurred_at=at,
        fact=fact,
        previous=previous if known.type.endswith(".updated") else None,
    )
