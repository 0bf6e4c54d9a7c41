"""Payloads carried as far as the fold: read, validated, placed."""

from typing import Any

from schemas import catalog
from schemas.facts import Fact
from schemas.reading import read_event
from shared.rules.history import Placed
from tests.factories.events import event, raw


def fact(name: str, **changes: Any) -> Fact:
    return catalog.validate(read_event(raw(event(name, **changes))))


def placed(name: str, **changes: Any) -> Placed:
    read = read_event(raw(event(name, **changes)))
    assert read.created is not None
    return Placed(
        cause=read.id,
        type=read.type,
        rank=catalog.EVENT_TYPES[read.type].rank,
        occurred_at=read.created,
        fact=catalog.validate(read),
        previous=catalog.previous(read),
    )
