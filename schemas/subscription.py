"""A subscription as Stripe showed it in one event, the same fact from every payload shape since 2018."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import flag, identifier, instant, is_given, one_of, reference, text, whole

STATUSES = frozenset(
    {"incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused", "canceled"}
)
_PRICE_IDS = ("items.data[].price.id", "items.data[].plan.id", "plan.id")
_LOOKUP_KEYS = ("items.data[].price.lookup_key",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFact:
    """`price_id` is the first item's; with several items, `price_ids` and `price_lookup_keys` hold them all."""

    kind: ClassVar[str] = "subscription"

    subject_id: str
    status: str
    customer: str | None = None
    price_id: str | None = None
    price_ids: tuple[str, ...] = ()
    price_lookup_key: str | None = None
    price_lookup_keys: tuple[str, ...] = ()
    tier_metadata: str | None = None
    quantity: int | None = None
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: datetime | None = None
    canceled_at: datetime | None = None
    ended_at: datetime | None = None
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    start: datetime | None = None
    latest_invoice: str | None = None
    default_payment_method: str | None = None
    collection_paused: bool | None = None
    collection_method: str | None = None


class SubscriptionSchema(ProbingSchema[SubscriptionFact]):
    """Strict in what the rules stand on (id, status, customer), tolerant in what a version may lack."""

    fact = SubscriptionFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    customer = Probed("customer", read=reference, required=True)
    price_id = Probed(*_PRICE_IDS, read=identifier)
    price_ids = Probed(*_PRICE_IDS, read=identifier, choose=tuple, load_default=())
    price_lookup_key = Probed(*_LOOKUP_KEYS, read=text)
    price_lookup_keys = Probed(*_LOOKUP_KEYS, read=text, choose=tuple, load_default=())
    tier_metadata = Probed(
        "metadata.tier", "items.data[].price.metadata.tier", "items.data[].plan.metadata.tier", read=text
    )
    quantity = Probed("quantity", "items.data[].quantity", read=whole)
    # Several items may end on different days; access lasts until the last of them does.
    current_period_start = Probed("current_period_start", "items.data[].current_period_start", read=instant, choose=min)
    current_period_end = Probed("current_period_end", "items.data[].current_period_end", read=instant, choose=max)
    cancel_at_period_end = Probed("cancel_at_period_end", read=flag)
    cancel_at = Probed("cancel_at", read=instant)
    canceled_at = Probed("canceled_at", read=instant)
    ended_at = Probed("ended_at", read=instant)
    trial_start = Probed("trial_start", read=instant)
    trial_end = Probed("trial_end", read=instant)
    start = Probed("start_date", "start", read=instant)
    latest_invoice = Probed("latest_invoice", read=reference)
    default_payment_method = Probed("default_payment_method", read=reference)
    collection_paused = Probed("pause_collection", read=is_given, reads_null=True)
    collection_method = Probed("collection_method", "billing", read=text)
