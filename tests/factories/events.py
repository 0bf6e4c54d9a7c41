"""Variants of the payload files: `event("basil/invoice.payment_failed", **{"data.object.status": "paid"})`."""

import copy
import functools
import json
from pathlib import Path
from typing import Any, Final

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()  # as a change: take the key out


def event(name: str, **changes: Any) -> dict[str, Any]:
    """The payload `<shape>/<type>`, with each dotted path (list positions are numbers) set to its value."""
    made = copy.deepcopy(_load(name))
    for path, value in changes.items():
        *steps, last = path.split(".")
        node: Any = functools.reduce(lambda at, step: at[_key(at, step)], steps, made)
        if value is ABSENT:
            del node[_key(node, last)]
        else:
            node[_key(node, last)] = value
    return made


def raw(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


@functools.cache
def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return loaded


def _key(node: Any, step: str) -> Any:
    return int(step) if isinstance(node, list) else step
