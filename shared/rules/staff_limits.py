"""The bounds of signing in: how many tries, what a password must be, how a reason must read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WINDOW_MINUTES = 15
# Failed tries within the window after which no further one is looked at. Of one name from one place few; of one name
# from anywhere more, so that a stranger cannot so easily lock somebody out; of one place with any names more again.
MOST_TRIES: Mapping[str, int] = MappingProxyType({"name and source": 5, "name": 20, "source": 30})

GLASS_MINUTES = 30
SETUP_HOURS = 24
RECOVERY_CODES = 10
_SHORTEST_PASSWORD, _LONGEST_PASSWORD, _FEWEST_SIGNS = 12, 128, 5
_SHORTEST_REASON, _LONGEST_REASON = 10, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRule:
    idle_minutes: int = 15
    hours: int = 8


def is_throttled(tries: Mapping[str, int]) -> bool:
    """`tries`: how many failed lately, by the kinds of MOST_TRIES."""
    return any(tries.get(kind, 0) >= most for kind, most in MOST_TRIES.items())


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a password; length is what counts (NIST SP 800-63B), so there are no rules of composition."""
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        return f"it must have {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters"
    if name.lower() in password.lower():
        return "it must not hold the account's name"
    return "it repeats too few characters" if len(set(password)) < _FEWEST_SIGNS else None


def is_reason(text: str) -> bool:
    return _SHORTEST_REASON <= len(text.strip()) <= _LONGEST_REASON and text.isprintable()
