"""What a creator is told of a payout."""

from shared.rules.owed_payout import STEPS
from shared.rules.payout_failures import FAILURES
from shared.rules.payout_words import words_for


def test_every_status_has_words_of_its_own():
    told = {words_for(status, None, is_stale=False).message for status in STEPS}
    assert len(told) == len(STEPS)


def test_a_failure_is_told_with_what_can_be_done():
    words, known = words_for("FAILED", "account_closed", is_stale=False), FAILURES["account_closed"]
    assert (words.message, words.is_retryable, words.needs_creator) == (
        known.message,
        known.is_retryable,
        known.needs_creator,
    )


def test_a_payout_that_is_late_is_told_as_such():
    late, usual = (words_for("PROCESSING", None, is_stale=stale).message for stale in (True, False))
    assert late != usual
