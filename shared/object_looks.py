"""Asks Stripe for some objects one by one; one of which Stripe can say nothing holds up no other."""

import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from shared.errors import StripeAway, StripeRefuses
from shared.stripe_api.client import StripeApi
from shared.stripe_objects import GONE, LEFT, UNANSWERED, Seen, Wanted, fetch

# These may be of one object for ever; silence is of all of them.
_MAY_BE_ITS_OWN = frozenset({"stripe_5xx", "stripe_garbage"})


def look(api: StripeApi, rows: Sequence[Mapping[str, Any]], *, left: AbstractSet[str], seconds: float) -> list[Seen]:
    """As many as there is time for, and one at least: where Stripe is slow, the cursor moves on all the same.

    `left` are accounts that took their leave: what is theirs is asked for in vain. Raises StripeAway.
    """
    seen: list[Seen] = []
    until = time.monotonic() + seconds
    for row in rows:
        try:
            seen.append(_look(api, wanted_of(row), left))
        except StripeAway:
            if not seen:
                raise
            break  # what was answered counts; the next step meets it again
        if time.monotonic() >= until:
            break
    return seen


def wanted_of(row: Mapping[str, Any]) -> Wanted:
    return Wanted(row["kind"], row["subject_id"], row["account"], row["livemode"])


def _look(api: StripeApi, wanted: Wanted, left: AbstractSet[str]) -> Seen:
    if wanted.kind != "account" and wanted.account in left:
        return Seen(wanted, None, None, LEFT)
    try:
        return fetch(api, wanted)
    except StripeRefuses as error:
        return Seen(wanted, None, None, GONE if error.code == "stripe_forbidden" else UNANSWERED)
    except StripeAway as error:
        if error.code in _MAY_BE_ITS_OWN and _answers(api):
            return Seen(wanted, None, None, UNANSWERED)
        raise


def _answers(api: StripeApi) -> bool:
    """Whether Stripe is there for anything else: a refusal is a word too."""
    try:
        api.get("/v1/events", limit=1)
    except StripeRefuses:
        return True
    except StripeAway:
        return False
    return True
