"""Single values: strict in kind, silent about what was there."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import values


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        *((values.text, bad) for bad in (None, 5, "", "a\0b", ["a"])),
        *((values.identifier, bad) for bad in (None, 5, "", "a\0b", "x" * 256, {"id": "cus_1"})),
        *((values.reference, bad) for bad in (5, "", {}, {"id": 5}, ["cus_1"], "x" * 256, {"id": "x" * 256})),
        *((values.whole, bad) for bad in (True, 1.0, float(2**64), "1", 2**63, -(2**63) - 1)),
        *((values.flag, bad) for bad in (0, 1, "true", None)),
        *((values.instant, bad) for bad in (True, 1.5, "1", -1, 253_402_300_800)),
        *((values.currency, bad) for bad in (5, "", "us", "us1", "dollars and cents")),
        *((values.one_of(frozenset({"open"})), bad) for bad in (None, 5, "")),
    ],
)
def test_another_kind_of_value_is_refused(read: Callable[[Any], Any], bad: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        read(bad)


def test_an_id_may_have_as_many_characters_as_stripe_allows() -> None:
    assert values.identifier("x" * 255) == values.reference({"id": "x" * 255}) == "x" * 255


def test_money_keeps_every_minor_unit() -> None:
    assert values.whole(2**63 - 1) == 9_223_372_036_854_775_807
    assert values.whole(-1900) == -1900


def test_seconds_become_aware_moments() -> None:
    assert values.instant(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert values.instant(253_402_300_799).year == 9999


def test_a_currency_is_lower_case() -> None:
    assert values.currency("USD") == values.currency("usd") == "usd"


def test_an_unknown_status_is_named() -> None:
    read = values.one_of(frozenset({"open", "paid"}))
    assert read("open") == "open"
    with pytest.raises(ValueError, match=r"^unknown status on_hold$"):
        read("on_hold")


@pytest.mark.parametrize("word", ["Ann Smith", "x" * 41, "line\nbreak"])
def test_a_status_that_is_no_plain_word_is_not_repeated(word: str) -> None:
    with pytest.raises(ValueError, match=r"^unknown status$"):
        values.one_of(frozenset({"open"}))(word)
