"""Facts survive being stored, and stored facts survive our changes."""

import json

import pytest

from schemas.facts import KINDS, from_json, to_json
from schemas.invoice import InvoiceFact
from tests.factories.events import PAYLOADS
from tests.factories.facts import fact

NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in PAYLOADS.glob("*/*.json") if path.parent.name != "thin")


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_comes_back_as_it_went(name: str) -> None:
    stored = fact(name)
    assert from_json(stored.kind, json.loads(json.dumps(to_json(stored)))) == stored


def test_each_kind_is_known_by_its_name() -> None:
    assert {kind: known.kind for kind, known in KINDS.items()} == {kind: kind for kind in KINDS}


def test_a_fact_stored_before_a_field_was_added_is_still_read() -> None:
    assert from_json("invoice", {"subject_id": "in_1", "status": "open"}) == InvoiceFact(
        subject_id="in_1", status="open"
    )


def test_a_field_we_no_longer_know_is_left_aside() -> None:
    stored = {"subject_id": "in_1", "status": "open", "colour": "blue"}
    assert from_json("invoice", stored) == InvoiceFact(subject_id="in_1", status="open")
