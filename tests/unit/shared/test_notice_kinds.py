import re
from pathlib import Path

import pytest

from shared import access_alarm, access_changes, callback_acts, crises, reports
from shared.notice_kinds import KINDS, means_something
from shared.rules import owing, sync_operations

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "callbacks.md"
SPELLED = re.compile(r'"([a-z_]+:[a-z_]+)"')


def spelled_out(package):
    """Kinds that stand in the code where they are owed."""
    lines = (line for path in (ROOT / package).rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines())
    return {kind for line in lines if re.search(r"\bkind\b.*=", line) for kind in SPELLED.findall(line)}


def test_every_kind_that_is_owed_can_be_chosen():
    owed = {
        *(access_changes.UPDATED, crises.ACTIVATED, crises.RESOLVED, sync_operations.KIND),
        *(access_alarm.VIOLATION, access_alarm.UNMAPPED, callback_acts.DISABLED, callback_acts.DEAD),
        *(owing.PAYOUT_MOVED, owing.PAYOUT_CRITICAL, owing.PAYOUT_MISMATCH, owing.PAYOUT_STALE, owing.ACCOUNT_MOVED),
        *spelled_out("shared"), *spelled_out("workers"), *spelled_out("ingress"), reports.DAILY,
    }  # fmt: skip
    assert owed == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_document_for_receivers(kind):
    assert f"`{kind}`" in DOCUMENT.read_text(encoding="utf-8")


def test_a_pattern_that_can_never_match_means_nothing():
    assert all(map(means_something, ("payout:*", "*", "crisis:activated", "*:stale")))
    assert not any(map(means_something, ("payouts:*", "", "payout", "[a-z]*", "payout:?tale", "crisis:Activated")))
