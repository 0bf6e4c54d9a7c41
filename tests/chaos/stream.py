"""Many events as a month of Stripe would bring them, all at once: repeated, out of order, some of them unreadable."""

import random

from tests.factories.events import event

SUBJECTS_PER_EVENT = 0.1
CREATED = 1_790_000_000
SPAN_SECONDS = 30 * 86_400
# How often each kind comes; the last two end ignored and dead.
KINDS = {
    "basil/customer.subscription.updated": 40,
    "acacia/customer.subscription.created": 10,
    "2018/customer.subscription.deleted": 5,
    "acacia/invoice.payment_failed": 20,
    "basil/invoice.payment_succeeded": 20,
    "basil/setup_intent.succeeded": 3,
    "unknown": 1,
    "broken": 1,
}
STATUSES = ("active", "past_due", "unpaid", "trialing")


def stream(count, seed):
    """As many different events, about a tenth as many subjects."""
    chance = random.Random(seed)
    subjects = max(1, int(count * SUBJECTS_PER_EVENT))
    names = chance.choices(list(KINDS), weights=KINDS.values(), k=count)
    return [one(name, number, chance.randrange(subjects), chance) for number, name in enumerate(names)]


def one(name, number, subject, chance):
    changes = {"id": f"evt_stream_{number}", "created": CREATED + chance.randrange(SPAN_SECONDS)}
    if name == "unknown":
        return event("basil/customer.subscription.updated", **changes, type="customer.tax_id.created")
    if name == "broken":
        return event("basil/customer.subscription.updated", **changes, **{"data.object.status": 7})
    kind = name.partition("/")[2].split(".")[-2]
    changes["data.object.id"] = f"{kind}_stream_{subject}"
    if name.endswith("subscription.updated"):
        changes["data.object.status"] = chance.choice(STATUSES)
    return event(name, **changes)


def shuffled_with_duplicates(events, share, seed):
    chance = random.Random(seed)
    deliveries = events + chance.sample(events, int(len(events) * share))
    chance.shuffle(deliveries)
    return deliveries
