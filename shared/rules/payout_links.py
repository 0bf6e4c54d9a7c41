"""Which registered payout a transfer or payout belongs to: the names both sides can be found under."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.facts import Fact
from schemas.payout import PayoutFact
from schemas.transfer import TransferFact
from shared.rules.subject_names import name_of, place_of

KIND = "owed_payout"
By = Literal["transfer", "payout", "metadata"]


@dataclass(frozen=True, slots=True)
class LinkKey:
    """`id` is a transfer's, a payout's or the application's own; always on one connected account and in one mode."""

    by: By
    id: str
    account: str
    livemode: bool

    @property
    def name(self) -> str:
        """What an orphan waits under until the payout is registered."""
        return f"{KIND}:{self.by}:{self.id}{place_of(self.account, livemode=self.livemode)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPayout:
    """What the application registered: so much, in smallest units, to this connected account."""

    payout_id: str
    account: str
    livemode: bool
    amount_minor: int
    currency: str
    stripe_transfer_id: str | None = None
    stripe_payout_id: str | None = None

    @property
    def place(self) -> str:
        """How each name ends that it is found under."""
        return place_of(self.account, livemode=self.livemode)

    def link_keys(self) -> tuple[LinkKey, ...]:
        ids = {"transfer": self.stripe_transfer_id, "payout": self.stripe_payout_id, "metadata": self.payout_id}
        return tuple(_keys(self.account, self.livemode, **ids))


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered payout and whose it is."""

    owed: OwedPayout
    creator_id: str

    @property
    def creator(self) -> str:
        """To whom notices of it go."""
        return f"creator:{self.creator_id}"

    @property
    def name(self) -> str:
        return name_of(KIND, self.owed.payout_id, account=self.owed.account, livemode=self.owed.livemode)


def keys_of(fact: Fact, event_account: str | None, livemode: bool | None) -> tuple[LinkKey, ...]:  # noqa: FBT001 - three-valued
    """Surest first; none where no connected account is told, for a platform's own payout is owed to nobody.

    Nor where no mode is told: test money must never be taken for real money.
    """
    if isinstance(fact, TransferFact):
        # A historic transfer to a bank names the bank account, and happened on the connected account itself.
        is_account = fact.destination is not None and fact.destination.startswith("acct_")
        account = fact.destination if is_account else event_account
        return tuple(_keys(account, livemode, transfer=fact.subject_id, metadata=fact.owed_payout_id))
    if isinstance(fact, PayoutFact):
        return tuple(_keys(event_account, livemode, payout=paying_id(fact), metadata=fact.owed_payout_id))
    return ()


def paying_id(fact: TransferFact | PayoutFact) -> str:
    """What pays; a payout that takes another back is news of that other one."""
    return fact.subject_id if isinstance(fact, TransferFact) else fact.original_payout or fact.subject_id


def refusal(owed: OwedPayout, fact: Fact) -> str | None:
    """Why a fact that metadata alone links is not this payout's after all: it was registered with another's id."""
    if isinstance(fact, TransferFact):
        registered = owed.stripe_transfer_id
    elif isinstance(fact, PayoutFact):
        registered = owed.stripe_payout_id
    else:
        return f"a {fact.kind} pays no creator"
    return f"another {fact.kind} is registered" if registered not in {None, paying_id(fact)} else None


def _keys(account: str | None, livemode: bool | None, **ids: str | None) -> Iterator[LinkKey]:  # noqa: FBT001 - as above
    order: tuple[By, ...] = ("transfer", "payout", "metadata")
    if account is not None and livemode is not None:
        for by in order:
            found = ids.get(by)
            if found is not None:
                yield LinkKey(by, found, account, livemode)
