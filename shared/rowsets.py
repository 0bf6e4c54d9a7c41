"""Many rows in one statement: they travel as one JSON parameter, which the statement reads by json_to_recordset."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from psycopg.types.json import Json


def rowset(rows: Iterable[Mapping[str, Any]]) -> Json:
    """Bytes travel as hex, moments as ISO text; the statement names each column with its type."""
    return Json(list(rows), dumps=_dumps)


def _dumps(rows: Any) -> bytes:
    return orjson.dumps(rows, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not travel in a rowset")
