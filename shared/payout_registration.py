"""What the application registers of a payout, in the mode it names, or in both where nothing names one."""

from dataclasses import dataclass

from shared import payouts
from shared.db import Connection
from shared.rules.payout_links import OwedPayout, Registered

_FIELDS = {"transfer": "stripeTransferId", "payout": "stripePayoutId", "metadata": "payoutId"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`livemode` None: Carelane serves both modes and the caller did not say; events of either are taken for it."""

    payout_id: str
    creator_id: str
    amount_minor: int
    currency: str
    stripe_account_id: str
    livemode: bool | None
    stripe_transfer_id: str | None = None
    stripe_payout_id: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`taken`: the fields by which another payout was registered first; the caller then rolls back."""

    is_new: bool
    taken: tuple[str, ...]


def register(conn: Connection, given: Given, *, actor: str) -> Done:
    modes = (True, False) if given.livemode is None else (given.livemode,)
    made = [payouts.register(conn, _registered(given, livemode=mode), actor=actor) for mode in modes]
    taken = dict.fromkeys(_FIELDS[name.split(":")[1]] for one in made for name in one.taken)
    return Done(all(one.is_new for one in made), tuple(taken))


def _registered(given: Given, *, livemode: bool) -> Registered:
    owed = OwedPayout(
        payout_id=given.payout_id,
        account=given.stripe_account_id,
        livemode=livemode,
        amount_minor=given.amount_minor,
        currency=given.currency.lower(),
        stripe_transfer_id=given.stripe_transfer_id,
        stripe_payout_id=given.stripe_payout_id,
    )
    return Registered(owed, given.creator_id)
