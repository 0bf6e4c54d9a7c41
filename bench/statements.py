"""The bench's own SQL, by name, kept as Carelane's is (shared/queries.py): what is measured must not carry it."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("sql")
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load(topic: str) -> Mapping[str, str]:
    """The named statements of `bench/sql/<topic>.sql`."""
    _, *parts = _NAME.split((_FOLDER / f"{topic}.sql").read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))
