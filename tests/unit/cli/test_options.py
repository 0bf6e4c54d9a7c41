from datetime import UTC, datetime, timedelta

import click
import pytest

from ingress.cli import options

COMMAND = click.Command("x")


def moment(text):
    return options.moment(click.Context(COMMAND), click.Option(["--since"]), text)


def test_a_time_without_a_zone_is_utc():
    assert moment("2026-11-21T08:00") == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_time_with_a_zone_keeps_it():
    assert moment("2026-11-21T08:00+02:00") == datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_an_age_counts_from_now():
    assert abs(datetime.now(UTC) - timedelta(hours=24) - moment("24h")) < timedelta(minutes=5)


@pytest.mark.parametrize("text", ["yesterday", "24", "999999d", "2026-13-01", ""])
def test_what_is_neither_is_refused(text):
    with pytest.raises(click.BadParameter):
        moment(text)


@pytest.mark.parametrize("text", ["-1", "x", "", "1 OR 1=1"])
def test_a_cursor_that_no_list_has_given_is_refused(text):
    with pytest.raises(click.BadParameter):
        options.cursor(click.Context(COMMAND), click.Option(["--after"]), text)
