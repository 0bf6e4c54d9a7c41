"""SQL lives in commented `.sql` files; this reads them by name."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load(topic: str) -> Mapping[str, str]:
    """The named queries of `shared/sql/<topic>.sql`; each starts at a line `-- name: <name>`."""
    text = resources.files("shared").joinpath("sql", f"{topic}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return MappingProxyType(dict(zip(parts[::2], parts[1::2], strict=True)))
