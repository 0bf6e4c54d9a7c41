"""Which registered payout a transfer or payout belongs to: the names both sides can be found under."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.facts import Fact
from schemas.payout import PayoutFact
from schemas.transfer import TransferFact

By = Literal["transfer", "payout", "metadata"]


@dataclass(frozen=True, slots=True)
class LinkKey:
    """`id` is a transfer's, a payout's or the application's own payout id; always on one connected account."""

    by: By
    id: str
    account: str

    @property
    def name(self) -> str:
        """What an orphan waits under until the payout is registered."""
        return f"owed_payout:{self.by}:{self.id}@{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPayout:
    """What the application registered: so much, in smallest units, to this connected account."""

    payout_id: str
    account: str
    amount_minor: int
    currency: str
    stripe_transfer_id: str | None = None
    stripe_payout_id: str | None = None

    def link_keys(self) -> tuple[LinkKey, ...]:
        return tuple(
            _keys(self.account, transfer=self.stripe_transfer_id, payout=self.stripe_payout_id, metadata=self.payout_id)
        )


def keys_of(fact: Fact, event_account: str | None) -> tuple[LinkKey, ...]:
    """Surest first; none of a fact that tells no connected account, for a platform's own payout is owed to nobody."""
    if isinstance(fact, TransferFact):
        # A historic transfer to a bank names the bank account, and happened on the connected account itself.
        is_account = fact.destination is not None and fact.destination.startswith("acct_")
        account = fact.destination if is_account else event_account
        return tuple(_keys(account, transfer=fact.subject_id, metadata=fact.owed_payout_id))
    if isinstance(fact, PayoutFact):
        # A payout that takes another back is news of that other one.
        payout = fact.original_payout or fact.subject_id
        return tuple(_keys(event_account, payout=payout, metadata=fact.owed_payout_id))
    return ()


def refusal(owed: OwedPayout, fact: Fact) -> str | None:
    """Why a fact that metadata alone links is not this payout's after all: it was registered with another's id."""
    if isinstance(fact, TransferFact):
        registered, told = owed.stripe_transfer_id, fact.subject_id
    elif isinstance(fact, PayoutFact):
        registered, told = owed.stripe_payout_id, fact.original_payout or fact.subject_id
    else:
        return f"a {fact.kind} pays no creator"
    return f"another {fact.kind} is registered" if registered not in {None, told} else None


def _keys(account: str | None, **ids: str | None) -> Iterator[LinkKey]:
    order: tuple[By, ...] = ("transfer", "payout", "metadata")
    if account is not None:
        for by in order:
            found = ids.get(by)
            if found is not None:
                yield LinkKey(by, found, account)
