"""Payloads nobody here wrote, where the folder stands beside the project: read, or refused with a path."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import catalog
from schemas.errors import SchemaError, Unreadable
from schemas.facts import from_json, to_json
from schemas.reading import read_event
from tests.factories.events import raw

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "stripe-events"
TYPE_OF = {known.kind: known.type for known in catalog.EVENT_TYPES.values()}
# Statuses of types that are not ours yet, found on objects wrapped as one of ours.
FOREIGN = {"unknown status deleted"}


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
    inside = document.get("data", {}).get("object") if "type" in document else document
    kind = inside.get("object") if isinstance(inside, dict) else None
    if catalog.handles(str(document.get("type"))):
        return document
    if kind not in TYPE_OF:
        return None
    return {"id": "evt_wrapped", "type": TYPE_OF[kind], "created": 1_700_000_000, "data": {"object": inside}}


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the collection of real payloads is not here")
def test_every_real_payload_of_our_kinds_is_read() -> None:
    events = [one for one in map(wrapped, documents()) if one is not None]
    assert events
    refused = []
    for one in events:
        try:
            fact = catalog.validate(read_event(raw(one)))
        except SchemaError as error:
            refused += [str(error)] if error.message not in FOREIGN else []
        else:
            assert from_json(fact.kind, to_json(fact)) == fact
    assert refused == []


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the collection of real payloads is not here")
def test_every_real_document_is_an_event_or_unreadable() -> None:
    for one in documents():
        if isinstance(one.get("type"), str) and isinstance(one.get("id"), str):
            assert read_event(raw(one)).id == one["id"]
        else:
            with pytest.raises(Unreadable):
                read_event(raw(one))
