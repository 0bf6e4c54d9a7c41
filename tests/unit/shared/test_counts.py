"""The labels that counters begin with are those that are counted."""

from shared import counts, crises
from shared.rules import emergency, standing


def test_they_are_what_the_rules_know():
    assert set(counts.REASONS) == {*emergency.REASONS, emergency.BY_CODE}
    assert set(counts.SOURCES) == set(crises.SOURCES)
    assert set(counts.LEVELS) == set(standing.LEVELS)
