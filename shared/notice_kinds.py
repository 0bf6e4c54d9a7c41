"""The kinds of notices, and what each tells: for those who choose among them. Data are ids, states and figures."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType({
    "access:updated": "what a person may use has changed",
    "crisis:activated": "a person is in danger, or in graver danger than before",
    "crisis:resolved": "a clinician has closed a crisis",
    "sync:operation": "for a person's devices, to keep in step",
    "payout:status_updated": "a payout has taken a step",
    "payout:critical_update": "a payout has failed or was reversed",
    "payout:amount_mismatch": "Stripe paid another amount or currency than was owed",
    "payout:stale": "a payout has been on its way for too long",
    "account:status_updated": "a connected account was completed or restricted",
    "crisis:response_breach": "an event of a person in danger took longer than promised",
    "safety:violation": "help was found out of a person's reach",
    "price:unmapped": "somebody pays a price that no tier is named for",
    "dead_letter:created": "an event could not be processed and waits for a person",
    "dead_letter:flood": "dead letters of one type come in a flood",
    "report:daily": "the figures of the last full day (UTC)",
    "api_version:unseen": "an event came in an API version not known to this program",
    "reconcile:drift": "Carelane and Stripe were found to differ",
    "callback:endpoint_disabled": "another endpoint took nothing for three days, or said that it is gone",
    "callback:dead_letter": "a callback to another endpoint was given up",
})  # fmt: skip


def means_something(pattern: str) -> bool:
    """Whether any kind is called so, `payout:*` being all that begin so."""
    return "[" not in pattern and "?" not in pattern and any(fnmatchcase(kind, pattern) for kind in KINDS)


def is_urgent(kind: str) -> bool:
    """About people in danger; the same is said in shared/sql/callbacks.sql."""
    return kind.startswith("crisis:") or kind == "safety:violation"
