"""What settings must be to one another."""

from collections.abc import Mapping
from typing import Any

# The longer, then the shorter: a worker is asked before it is killed, and killed before its claim is given away.
_IN_ORDER = (
    ("CARELANE_TASK_HARD_LIMIT_SECONDS", "CARELANE_TASK_SOFT_LIMIT_SECONDS"),
    ("CARELANE_LEASE_SECONDS", "CARELANE_TASK_HARD_LIMIT_SECONDS"),
    ("CARELANE_CRISIS_HARD_LIMIT_SECONDS", "CARELANE_CRISIS_SOFT_LIMIT_SECONDS"),
    ("CARELANE_CRISIS_LEASE_SECONDS", "CARELANE_CRISIS_HARD_LIMIT_SECONDS"),
)


def faults(values: Mapping[str, Any]) -> list[str]:
    """Of all settings, by their variables' names: what cannot be so together."""
    found = [
        f"{longer} must be longer than {shorter}" for longer, shorter in _IN_ORDER if values[longer] <= values[shorter]
    ]
    mode, key = values["CARELANE_LIVEMODE"], values["STRIPE_API_KEY"]
    if mode is not None and f"_{'test' if mode else 'live'}_" in (key or ""):
        found.append("STRIPE_API_KEY is of the other mode than CARELANE_LIVEMODE: all it brings would be ignored")
    return found
