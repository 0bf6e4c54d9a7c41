"""Why a payout failed, told to the one who waits for it."""

import pytest

from shared.rules.payout_failures import FAILURES, failure

# Stripe's list, docs.stripe.com/api/payouts/failures.
DOCUMENTED = {
    "account_closed", "account_frozen", "bank_account_restricted", "bank_ownership_changed", "could_not_process",
    "debit_not_authorized", "declined", "incorrect_account_holder_address", "incorrect_account_holder_name",
    "incorrect_account_holder_tax_id", "insufficient_funds", "invalid_account_number", "invalid_currency", "no_account",
    "unsupported_card",
}  # fmt: skip
JARGON = ("stripe", "ach", "routing", "iban", "error", "invalid", "code", "api", "webhook", "_")


@pytest.mark.parametrize("code", sorted(DOCUMENTED | {"canceled", "reversed", "failed"}))
def test_every_documented_reason_has_its_own_line(code: str) -> None:
    assert code in FAILURES


@pytest.mark.parametrize("code", sorted(FAILURES))
def test_a_message_is_a_plain_sentence_that_blames_nobody(code: str) -> None:
    words = FAILURES[code].message.lower().replace(".", " ").replace(",", " ").split()
    assert not [word for word in words if word in JARGON or "_" in word]
    assert FAILURES[code].message.endswith(".")


@pytest.mark.parametrize("code", sorted(FAILURES))
def test_whoever_must_act_is_asked_to_in_the_message(code: str) -> None:
    assert FAILURES[code].needs_creator is ("please" in FAILURES[code].message.lower())


@pytest.mark.parametrize(
    ("code", "is_retryable", "needs_creator"),
    [
        ("insufficient_funds", True, False),
        ("could_not_process", True, False),
        ("canceled", True, False),
        ("declined", True, True),
        ("account_closed", False, True),
        ("no_account", False, True),
        ("reversed", False, False),
        ("failed", False, False),
    ],
)
def test_what_can_be_done(*, code: str, is_retryable: bool, needs_creator: bool) -> None:
    assert (failure(code).is_retryable, failure(code).needs_creator) == (is_retryable, needs_creator)


@pytest.mark.parametrize("code", [None, "", "a_code_of_2031"])
def test_a_reason_nobody_knows_is_for_staff(code: str | None) -> None:
    assert failure(code) == FAILURES["failed"]
