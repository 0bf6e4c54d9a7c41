"""What an address asks for is read within bounds, and told in words where it makes no sense."""

from datetime import UTC, datetime

import pytest

from ingress.console.asked import Asked


def test_what_is_blank_is_not_asked_for():
    asked = Asked({"who": "  ", "type": " payout.* "})
    assert (asked.text("who"), asked.text("type"), asked.text("other"), asked.faults) == (None, "payout.*", None, [])


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("type", "x" * 256, lambda asked: asked.text("type")),
        ("type", "a\x1b[2Jb", lambda asked: asked.text("type")),
        ("lane", "fast", lambda asked: asked.one_of("lane", ("crisis", "standard"))),
        ("since", "yesterday", lambda asked: asked.moment("since")),
        ("since", "0001-01-01T00:00:00+14:00", lambda asked: asked.moment("since")),
        ("until", "9999-12-31T23:59:59-14:00", lambda asked: asked.moment("until")),
        ("after", "-1", lambda asked: asked.row()),
        ("after", "9" * 19, lambda asked: asked.row()),
        ("after", "\u0663", lambda asked: asked.row()),
    ],
)
def test_what_makes_no_sense_counts_as_not_given_and_is_told(name, value, read):
    asked = Asked({name: value})
    assert read(asked) is None
    assert len(asked.faults) == 1


@pytest.mark.parametrize("text", ["2026-11-21T14:00", "2026-11-21T14:00:00Z", "2026-11-21T15:00+01:00"])
def test_a_moment_is_utc_unless_it_says_otherwise(text):
    assert Asked({"since": text}).moment("since") == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


def test_an_address_keeps_what_was_asked_and_leaves_out_where_the_list_went_on():
    asked = Asked({"code": "schema", "type": "a&b=c", "who": "", "after": "7"})
    assert asked.address("/list") == "/list?code=schema&type=a%26b%3Dc"
    assert asked.address("/list", code=None, after=9) == "/list?type=a%26b%3Dc&after=9"
    assert Asked({}).address("/list") == "/list"
