from datetime import UTC, datetime, timedelta

import pytest

from ingress.cli.moments import at, span


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-0.001, "0 ms"),
        (0.048, "48 ms"),
        (2.34, "2.3 s"),
        (185, "3 min 5 s"),
        (7500, "2 h 5 min"),
        (349_300, "4 d 1 h"),
    ],
)
def test_a_span_is_told_in_the_units_of_its_size(seconds, told):
    assert span(timedelta(seconds=seconds)) == told


def test_a_moment_is_told_to_the_millisecond():
    assert at(datetime(2026, 11, 20, 10, 0, 0, 1500, tzinfo=UTC)) == "2026-11-20T10:00:00.001Z"
