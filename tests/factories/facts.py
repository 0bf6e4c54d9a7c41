"""Payloads carried as far as the fold (read, validated, placed), and facts drawn at random for its properties."""

import importlib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

from hypothesis import strategies as st

from schemas import catalog
from schemas.facts import KINDS, Fact
from schemas.reading import read_event
from shared.rules.history import Placed
from tests.factories.events import event, raw

MOMENT = datetime(2025, 1, 1, 12, tzinfo=UTC)

# Few values of each, so that facts which differ in one field only, or in none, are met often.
_VALUES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(("one", "two")),
    int: st.integers(0, 2),
    bool: st.booleans(),
    datetime: st.integers(0, 1).map(lambda seconds: MOMENT + timedelta(seconds=seconds)),
    tuple[str, ...]: st.sampled_from(((), ("one",), ("one", "two"))),
}


def fact(name: str, **changes: Any) -> Fact:
    return catalog.validate(read_event(raw(event(name, **changes))))


def placed(name: str, **changes: Any) -> Placed:
    return placed_event(event(name, **changes))


def placed_event(payload: dict[str, Any]) -> Placed:
    read = read_event(raw(payload))
    assert read.created is not None
    return Placed(
        cause=read.id,
        type=read.type,
        rank=catalog.EVENT_TYPES[read.type].rank,
        occurred_at=read.created,
        fact=catalog.validate(read),
        previous=catalog.previous(read),
    )


def statuses(kind: str) -> list[str]:
    """The statuses that a fact of the kind may have; what they mean to the subject its rules say."""
    return sorted(importlib.import_module(f"schemas.{kind}").STATUSES)


@st.composite
def facts(draw: st.DrawFn, kind: str) -> Fact:
    """Any fact of one subject; of what may be absent a few fields at a time are given, so that facts come alike."""
    known = [field for field in fields(KINDS[kind]) if field.name not in {"subject_id", "status"}]
    required = [field.name for field in known if field.default is MISSING]
    others = [field.name for field in known if field.name not in required]
    hints = get_type_hints(KINDS[kind])
    given = required + draw(st.lists(st.sampled_from(others), max_size=3, unique=True))
    values = {name: draw(_of_type(hints[name])) for name in given}
    return KINDS[kind](subject_id="x", status=draw(st.sampled_from(statuses(kind))), **values)


def _of_type(hint: Any) -> st.SearchStrategy[Any]:
    if hint in _VALUES:
        return _VALUES[hint]
    return st.none() | next(strategy for kind, strategy in _VALUES.items() if hint == kind | None)
