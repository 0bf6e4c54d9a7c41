"""Which part of the list is read next."""

from datetime import UTC, datetime, timedelta

from shared.rules.listing_window import HORIZON, OVERLAP, window

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_it_begins_a_little_before_what_was_read():
    read = NOW - timedelta(hours=1)
    found = window(read, NOW, now=NOW)
    assert (found.begin, found.end, found.lost_from) == (read - OVERLAP, NOW, None)


def test_what_stripe_forgets_while_it_is_read_is_not_asked_for():
    found = window(NOW - HORIZON, NOW, now=NOW)
    assert NOW - HORIZON < found.begin < NOW - HORIZON + timedelta(hours=1)
    assert found.lost_from is None


def test_what_can_be_listed_no_more_is_told():
    read = NOW - HORIZON - timedelta(days=2)
    assert window(read, NOW, now=NOW).lost_from == read
