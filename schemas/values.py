"""How one JSON value becomes one of ours; each raises ValueError with the shape it expected, never the value."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_LAST_SECOND = 253_402_300_799  # the end of the year 9999, as far as datetime goes
_BIGINT = 2**63
_CURRENCY = re.compile(r"[a-z]{3,8}")
_LONGEST_ID = 255
_PLAIN_WORD = re.compile(r"[a-z_]{1,40}")


def text(value: Any) -> str:
    # PostgreSQL keeps no U+0000; refused here it is a dead letter with a path, refused there a transient-looking error.
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("a string is expected")
    return value


def identifier(value: Any) -> str:
    # Stripe promises no id beyond 255 characters, and a much longer one would not fit an index of ours.
    if len(text(value)) > _LONGEST_ID:
        raise ValueError("an id of at most 255 characters is expected")
    return text(value)


def reference(value: Any) -> str:
    """Stripe's id of another object, bare or as the expanded object."""
    try:
        found = text(value.get("id") if isinstance(value, Mapping) else value)
    except ValueError:
        raise ValueError("an id, or an object with an id, is expected") from None
    return identifier(found)


def whole(value: Any) -> int:
    # A number past 2^64 arrives from orjson as a float, already rounded: money must not be guessed.
    if isinstance(value, bool) or not isinstance(value, int) or not -_BIGINT <= value < _BIGINT:
        raise ValueError("a whole number is expected")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")  # noqa: TRY004 - one error class for every shape
    return value


def instant(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_SECOND:
        raise ValueError("unix seconds are expected")
    return datetime.fromtimestamp(value, UTC)


def currency(value: Any) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value.lower()):
        raise ValueError("a currency code is expected")
    return value.lower()


def is_given(value: Any) -> bool:
    return value is not None


def is_stated(_value: Any) -> bool:
    """True even of null: the key itself is what counts."""
    return True


def one_of(known: frozenset[str]) -> Callable[[Any], str]:
    """A status: the unknown word itself is named, since it is one of Stripe's and tells what to add."""

    def read(value: Any) -> str:
        word = text(value)
        if word not in known:
            raise ValueError(f"unknown status {word}" if _PLAIN_WORD.fullmatch(word) else "unknown status")
        return word

    return read
