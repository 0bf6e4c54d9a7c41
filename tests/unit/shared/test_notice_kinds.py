from pathlib import Path

import pytest

from shared import access_alarm, access_changes, callback_acts, crises, reports
from shared.notice_kinds import KINDS, means_something
from shared.rules import owing, sync_operations

DOCUMENT = Path(__file__).parents[3] / "docs" / "callbacks.md"


def test_every_kind_that_is_owed_can_be_chosen():
    owed = {
        *(access_changes.UPDATED, crises.ACTIVATED, crises.RESOLVED, sync_operations.KIND),
        *(access_alarm.VIOLATION, access_alarm.UNMAPPED, callback_acts.DISABLED, callback_acts.DEAD),
        *(owing.PAYOUT_MOVED, owing.PAYOUT_CRITICAL, owing.PAYOUT_MISMATCH, owing.PAYOUT_STALE, owing.ACCOUNT_MOVED),
        *("crisis:response_breach", "dead_letter:created", "dead_letter:flood", "api_version:unseen", reports.DAILY),
    }
    assert owed == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_document_for_receivers(kind):
    assert f"`{kind}`" in DOCUMENT.read_text(encoding="utf-8")


def test_a_pattern_that_can_never_match_means_nothing():
    assert all(map(means_something, ("payout:*", "*", "crisis:activated", "*:stale")))
    assert not any(map(means_something, ("payouts:*", "", "payout", "[a-z]*", "payout:?tale", "crisis:Activated")))
