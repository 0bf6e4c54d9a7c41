"""The labels that counters begin with are those that are counted."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from shared import audit, counts, crises
from shared.audit import Record
from shared.rules import emergency, standing

ROOT = Path(__file__).parents[3]
CODE = "".join(
    path.read_text(encoding="utf-8") for name in ("shared", "ingress") for path in (ROOT / name).rglob("*.py")
)


class Trail:
    def execute(self, *_):
        pass


def counted(act):
    return REGISTRY.get_sample_value("carelane_security_acts_total", {"act": act})


def test_they_are_what_the_rules_know():
    assert set(counts.REASONS) == {*emergency.REASONS, emergency.BY_CODE}
    assert set(counts.SOURCES) == set(crises.SOURCES)
    assert set(counts.LEVELS) == set(standing.LEVELS)


@pytest.mark.parametrize("act", counts.SECURITY_ACTS)
def test_what_security_counts_is_put_on_record_somewhere(act):
    assert CODE.count(f'"{act}"') > 1  # there, and in the list


def test_an_act_that_security_is_about_is_counted_as_it_is_put_on_record_and_no_other():
    before = counted("staff.glass_broken")
    audit.record(Trail(), actor="staff:ada", act="staff.glass_broken", object="staff:ada")
    audit.record_all(Trail(), [Record(actor="staff:ada", act="staff.glass_broken", object="staff:ada")] * 2)
    audit.record(Trail(), actor="staff:ada", act="staff.signed_in", object="staff:ada")
    assert counted("staff.glass_broken") == before + 3
    assert counted("staff.signed_in") is None
