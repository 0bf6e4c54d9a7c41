"""The tables of docs/payloads.md say what the schemas do: every type with its rank, every field with its paths."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from schemas.catalog import EVENT_TYPES
from schemas.facts import KINDS
from schemas.probing import Probed
from tests.factories.facts import statuses

PAGE = (Path(__file__).parents[3] / "docs" / "payloads.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}


def rows(kind: str) -> dict[str, list[str]]:
    """The table under a heading, by its first cell; the other cells in order."""
    lines = [line.strip("|").split("|") for line in SECTIONS[kind].splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines}


def probed(kind: str) -> dict[str, Probed]:
    schema = next(known.schema for known in EVENT_TYPES.values() if known.kind == kind)
    return {name: field for name, field in schema.fields.items() if isinstance(field, Probed)}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_a_kind_has_its_row_and_no_other_has(kind: str) -> None:
    named = {field.name for field in fields(KINDS[kind])}
    assert set(rows(kind)) == named | set(probed(kind))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_row_names_every_path_in_the_order_they_are_tried(kind: str) -> None:
    for name, field in probed(kind).items():
        before, since, _ = rows(kind)[name]
        told = dict.fromkeys(re.findall(r"`([^`]+)`", f"{before} {since}"))
        assert tuple(told) == field.paths, name


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_row_says_what_is_required(kind: str) -> None:
    required = {name for name, (_, _, note) in rows(kind).items() if note.startswith("required")}
    assert required == {name for name, field in probed(kind).items() if field.required}


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_every_status_is_named(kind: str) -> None:
    alike = SECTIONS["setup_intent"] if kind == "payment_intent" else ""
    assert not [status for status in statuses(kind) if f"`{status}`" not in SECTIONS[kind] + alike]


def test_every_type_is_listed_with_its_rank() -> None:
    listed = re.findall(r"`([a-z_.]+)` (\d+)", SECTIONS["Types"])
    assert {type_: int(rank) for type_, rank in listed} == {one.type: one.rank for one in EVENT_TYPES.values()}
