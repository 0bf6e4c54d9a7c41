"""What a person is told about their access: plain, kind, without blame, jargon or amounts, and always with 988."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.rules.access import Access


@dataclass(frozen=True, slots=True)
class Hotline:
    name: str
    phone: str
    text: str


HOTLINE = Hotline("988 Suicide & Crisis Lifeline", "988", "988")
LINE_988 = "You can call or text 988 at any time. Someone will listen."

_DAY_SECONDS = 86_400

WORDS: Mapping[str, str] = {
    "crisis": "You are not alone. All that can help you now is open to you.",
    "emergency": "All that can help you now is open to you. Take the time you need.",
    "held": "Your care goes on. You can use your main tools for as long as you need them now.",
    "grace": "Your care goes on. You can use your main tools for {days} more days. "
    "When you feel ready, you can look at your plan.",
    "last_day": "Your care goes on. You can use your main tools for one more day. "
    "When you feel ready, you can look at your plan.",
    "renewing": "Your plan is open. We could not renew it yet. When you feel ready, you can look at your plan.",
    "trial": "Your trial is open. Take your time and look around.",
    "running": "Your plan is open. It is good to see you.",
    "after": "Your check-ins, your breathing exercises and your safety plan stay open to you. "
    "You are welcome to come back to your plan at any time.",
    "open": "Check-ins, breathing exercises and your safety plan are open to you.",
    "unknown": "We cannot see all of your plan right now. Your safety tools are open to you.",
}


def situation(access: Access, now: datetime) -> str:
    """Danger before everything; who is in danger is told nothing of payments."""
    if access.is_heightened:
        return "crisis" if access.crisis_severity else "emergency"
    if access.is_running:
        return "renewing" if access.grace_is_active else "trial" if access.tier == "trial" else "running"
    if access.grace is None:
        return "open"
    if not access.grace_is_active:
        return "after"
    days = days_left(access, now)
    return "held" if days is None else "grace" if days > 1 else "last_day"


def message(access: Access, now: datetime) -> str:
    return f"{WORDS[situation(access, now)].format(days=days_left(access, now))} {LINE_988}"


def message_when_unknown() -> str:
    return f"{WORDS['unknown']} {LINE_988}"


def days_left(access: Access, now: datetime) -> int | None:
    """Days that have begun count; 0 when it is over. None without a grace period, and for one without an end."""
    if access.grace is None or access.grace.ends_at is None:
        return None
    return max(0, math.ceil((access.grace.ends_at - now).total_seconds() / _DAY_SECONDS))
