"""Records as we write them to the outside: names in camelCase, times in UTC with a Z."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from shared.moments import iso


def as_document(record: Any) -> dict[str, object]:
    """A dataclass of plain values, field by field in its own order."""
    return {_camel(field.name): _plain(getattr(record, field.name)) for field in fields(record)}


def _plain(value: object) -> object:
    return iso(value) if isinstance(value, datetime) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
