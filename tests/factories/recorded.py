"""Payloads nobody here wrote, from a folder that may stand beside the project, as events of ours."""

import contextlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from schemas import catalog
from schemas.errors import SchemaError
from schemas.reading import read_event
from shared.rules.history import Placed
from tests.factories.events import raw
from tests.factories.facts import placed_event

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "stripe-events"
needed = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="absent: shared/stripe-events beside the project, a folder of payloads that Stripe sent to others",
)
# The first type of each kind that shows the object itself.
TYPE_OF = {one.kind: one.type for one in reversed(list(catalog.EVENT_TYPES.values())) if not one.read}


def documents() -> list[dict[str, Any]]:
    found = []
    for path in sorted(FOLDER.rglob("*.json")):
        loaded = json.loads(path.read_text("utf-8"))
        if isinstance(loaded, dict) and isinstance(loaded.get("body"), dict):
            loaded = loaded["body"]
        listed = loaded.get("data") if isinstance(loaded, dict) and loaded.get("object") == "list" else loaded
        found += [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)]
    return found


def wrapped(document: dict[str, Any]) -> dict[str, Any] | None:
    """As an event of ours: its own type where it is one, else a type of its object's kind."""
    data = document.get("data")
    inside = data.get("object") if isinstance(data, dict) and "type" in document else document
    kind = inside.get("object") if isinstance(inside, dict) else None
    if catalog.handles(str(document.get("type"))):
        return document
    if kind not in TYPE_OF:
        return None
    return {"id": "evt_wrapped", "type": TYPE_OF[kind], "created": 1_700_000_000, "data": {"object": inside}}


def events() -> list[dict[str, Any]]:
    """The readable ones, each under an id of its own, for many share one."""
    found = []
    for number, document in enumerate(documents()):
        event = wrapped(document)
        if event is not None:
            own = {**event, "id": f"evt_real_{number}", "livemode": False}
            with contextlib.suppress(SchemaError):
                catalog.validate(read_event(raw(own)))
                found.append(own)
    return found


def histories() -> dict[tuple[str, str, str | None], list[Placed]]:
    """By kind, subject and account."""
    groups: dict[tuple[str, str, str | None], list[Placed]] = defaultdict(list)
    for event in events():
        one = placed_event(event)
        groups[one.fact.kind, one.fact.subject_id, event.get("account")].append(one)
    return groups
