"""What a creator is told of a payout, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.rules.owed_payout import COMPLETED, FAILED, PENDING, PROCESSING
from shared.rules.payout_failures import failure

_WORDS: Mapping[str, str] = {
    PENDING: "Your payment is being prepared.",
    PROCESSING: "Your payment is on its way.",
    COMPLETED: "Your payment has arrived.",
}
_LATE = "Your payment is on its way and takes longer than usual. We are looking into it."


@dataclass(frozen=True, slots=True)
class PayoutWords:
    message: str
    is_retryable: bool = False
    needs_creator: bool = False


def words_for(status: str, failed_reason: str | None, *, is_stale: bool) -> PayoutWords:
    if status == FAILED:
        found = failure(failed_reason)
        return PayoutWords(found.message, found.is_retryable, found.needs_creator)
    return PayoutWords(_LATE if is_stale else _WORDS[status])
