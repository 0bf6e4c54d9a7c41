"""Emergency access: for what reasons it opens, what it gives, for how long; and the form of its one-time codes."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.rules.standing import LEVELS, Level

REASONS = ("crisis_detected", "payment_failure", "system_error")
BY_CODE = "code"

# Crockford's alphabet: no letter that a shaken person could take for another or for a figure. 50 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
_READ_AS: Mapping[str, str] = {"O": "0", "I": "1", "L": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRule:
    """How long it stays open, how long a code can be used, and how many wrong codes are taken in a window."""

    hours: int = 24
    code_valid_hours: int = 72
    wrong_codes: int = 5
    window_minutes: int = 15


def level_for(reason: str, *, has: Level, code_gives: Level | None = None) -> Level:
    """At least what the person has; a failed payment or our own error must not cost anybody more than that."""
    least: dict[str, Level] = {"crisis_detected": "full", BY_CODE: code_gives or "full"}
    return max(has, least.get(reason, "essential"), key=LEVELS.index)


def readable(code: str) -> str:
    """As it is handed out: two groups of five."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def normal(typed: str) -> str | None:
    """The code that was meant, however it was typed; None for what cannot be one."""
    plain = "".join(_READ_AS.get(sign, sign) for sign in typed.upper() if sign not in " -")
    return plain if len(plain) == CODE_LENGTH and set(plain) <= set(ALPHABET) else None
