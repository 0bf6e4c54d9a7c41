"""Why a payout failed, in words for the one who waits for it, and what can be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PayoutFailure:
    """`is_retryable`: sending it again may go well as things stand. `needs_creator`: something is theirs to change."""

    is_retryable: bool
    needs_creator: bool
    message: str


def _theirs(message: str) -> PayoutFailure:
    return PayoutFailure(is_retryable=False, needs_creator=True, message=message)


def _ours(message: str, *, is_retryable: bool = True) -> PayoutFailure:
    return PayoutFailure(is_retryable=is_retryable, needs_creator=False, message=message)


_BANK_DETAILS = _theirs(
    "Your bank could not find an account with the details we have. Please check them and enter them again."
)
_OTHER_CARD = _theirs("Payments to this card are not possible. Please add another card or a bank account.")
_UNKNOWN = _ours("Your payment did not arrive. We are looking into it and will write to you.", is_retryable=False)

# Stripe's payout failure codes (docs.stripe.com/api/payouts/failures), those of cards among them, and three words of
# our own for what leaves no code: canceled, reversed, failed.
FAILURES: Mapping[str, PayoutFailure] = {
    "account_closed": _theirs("The bank account we have for you is closed. Please add another one."),
    "account_frozen": _theirs("Your bank account is frozen. Please talk to your bank, or add another account."),
    "bank_account_restricted": _theirs(
        "Your bank account does not take payments of this kind. Please add another one, for example a current account."
    ),
    "bank_ownership_changed": _theirs("Your bank has changed hands and the account details with it. Please add them."),
    "could_not_process": _ours("The bank could not carry out your payment. We will try again."),
    "debit_not_authorized": _theirs(
        "Your bank account takes in payments only. It must allow debits too: please ask your bank, or add another one."
    ),
    "declined": PayoutFailure(
        is_retryable=True,
        needs_creator=True,
        message="Your bank declined the payment. Please ask your bank why, then we can send it again.",
    ),
    "exceeds_amount_limit": _theirs("The amount is more than your card takes. Please add a bank account."),
    "exceeds_count_limit": _ours("Your card takes no more payments for now. We will try again later."),
    "expired_card": _theirs("Your card has expired. Please add another card or a bank account."),
    "incorrect_account_holder_address": _theirs("The address we have differs from your bank's. Please correct it."),
    "incorrect_account_holder_details": _theirs("Your details differ from those your bank has. Please correct them."),
    "incorrect_account_holder_name": _theirs("The name we have differs from the one your bank has. Please correct it."),
    "incorrect_account_holder_tax_id": _theirs("The tax number we have differs from your bank's. Please correct it."),
    "incorrect_account_type": _theirs("The kind of bank account is not the one you entered. Please correct it."),
    "insufficient_funds": _ours("We could not send your payment yet. We will try again; there is nothing to do."),
    "invalid_account_number": _BANK_DETAILS,
    "invalid_account_number_length": _BANK_DETAILS,
    "invalid_card": _OTHER_CARD,
    "invalid_currency": _theirs("Your bank account does not take this currency. Please add one that does."),
    "invalid_issuer": _OTHER_CARD,
    "invalid_transaction": _OTHER_CARD,
    "issuer_unavailable": _ours("Your bank could not be reached. We will try again."),
    "lost_or_stolen_card": _OTHER_CARD,
    "no_account": _BANK_DETAILS,
    "refer_to_card_issuer": _theirs("Your card's bank refused the payment. Please ask it, or add another card."),
    "unsupported_card": _OTHER_CARD,
    "canceled": _ours("This payment was stopped before it was sent. We will send it again or write to you."),
    "reversed": _ours("This payment was taken back. We will write to you about it.", is_retryable=False),
    "failed": _UNKNOWN,
}


def failure(reason: str | None) -> PayoutFailure:
    """What to make of a reason; a code Stripe adds later is nobody's fault yet and for staff to look at."""
    return FAILURES.get(reason or "", _UNKNOWN)
