"""One page of a list at Stripe.

What cannot be one is an answer that cannot be read: taken for the last, it would hide all that comes after it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.stripe_api.client import StripeApi
from shared.stripe_api.trouble import garbage

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """`after_id` is where the next page goes on; None on the last one."""

    documents: list[dict[str, Any]]
    after_id: str | None
    asked_at: datetime


def page(api: StripeApi, path: str, *, after_id: str | None, account: str | None = None, **wishes: Any) -> Listed:
    """Raises StripeAway and StripeRefuses as the client does."""
    fetched = api.get(path, account=account, limit=_PAGE, starting_after=after_id, **wishes)
    found, has_more = fetched.document.get("data"), fetched.document.get("has_more")
    if not isinstance(found, list) or not isinstance(has_more, bool) or not all(map(_is_named, found)):
        raise garbage()
    documents = {one["id"]: one for one in found}
    # The page before it once more would never come to an end.
    if after_id in documents or (has_more and not documents):
        raise garbage()
    return Listed(list(documents.values()), found[-1]["id"] if has_more else None, fetched.asked_at)


def _is_named(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("id"), str)
