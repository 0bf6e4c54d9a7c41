"""What is said on a person's page about what Stripe told us: kind, without blame and without amounts.

Each text is a message of the catalogues. No word of a payment is said to who is in danger.
"""

from collections.abc import Mapping, Sequence

from shared.access_document import Document
from shared.rules.people_words import LINE_988, WORDS

# Situations in which payments are something to look at, whenever the person likes.
TO_PUT_RIGHT = frozenset({"grace", "last_day", "held", "renewing", "after"})
IN_DANGER = frozenset({"crisis", "emergency"})

PLANS: Mapping[str, str] = {
    "trialing": "Your trial is open.",
    "active": "Your plan is open.",
    "past_due": "We could not renew your plan yet.",
    "unpaid": "We could not renew your plan yet.",
    "canceled": "This plan has ended. You are welcome back at any time.",
    "paused": "Your plan is on a pause. You can go on when you like.",
    "incomplete": "This plan is not set up yet. There is no hurry.",
    "incomplete_expired": "This plan was not set up. You can start again when you like.",
}
PLAN_OF_NO_WORDS = "We know of a plan of yours, and cannot say more about it right now."
UNTIL: Mapping[str, str] = {
    "renews": "It renews by itself on {day}.",
    "ends": "It stays open until {day}.",
    "trial": "It stays open until {day}.",
    "ended": "It was open until {day}.",
}
PAYMENTS: Mapping[str, str] = {
    "succeeded": "Your last payment went well on {day}. Thank you.",
    "failed": "A payment did not work on {day}. This happens to many people, and it can be put right.",
    "none": "There is no payment yet.",
}
PAGE = "Your plan and your care"
# Each can be shown alone, in a frame on a page of the application.
PARTS: Mapping[str, str] = {
    "status": "Your plan",
    "grace": "Your care goes on",
    "emergency": "Help right now",
    "recovery": "What you can do",
    "hotline": "988 is there for you",
}
# By what happened: the answer's status, a heading, and what to do.
PAGES: Mapping[str, tuple[int, str, str]] = {
    "not_here": (404, "This page is not here", "Your own page is one step away."),
    "failed": (
        500,
        "Something went wrong on our side",
        "You did nothing wrong, and nothing is lost. Please try again.",
    ),
    "away": (503, "We need a moment", "We cannot do this right now. In the app your safety tools are open."),
    "who": (401, "We could not see that it is you", "Go back to the app, and open this page from there."),
    "not_ours": (403, "That took too long", "Nothing was changed. Please open your page once more."),
    "left": (200, "You are signed out", "You can open it from the app at any time."),
}
# After these a person comes in again from the application.
OUTSIDE = frozenset({"who", "left"})
CODES: Mapping[str, tuple[int, str]] = {
    "WRONG_CODE": (422, "We do not know this code. Look at it once more. Each code works one time."),
    "TOO_MANY_CODES": (429, "Codes need a short rest now. You can still use the button above."),
}
METHODS: Mapping[str, str] = {"yes": "You have a way to pay on file.", "no": "You have no way to pay on file."}
TOOLS: Mapping[str, str] = {
    "crisis_button": "Crisis button",
    "hotline_access": "The 988 line",
    "safety_plan": "Safety plan",
    "emergency_contacts": "People to call",
    "basic_check_in": "Check-ins",
    "phq9_assessment": "Mood questions (PHQ-9)",
    "gad7_assessment": "Worry questions (GAD-7)",
    "breathing_exercises": "Breathing exercises",
    "mood_tracking": "Mood diary",
    "progress_charts": "Charts of how it goes",
    "trial_features": "All that is in your trial",
    "advanced_analytics": "A closer look at how it goes",
    "custom_exercises": "Your own exercises",
    "priority_support": "Answers from us first",
    "real_time_sync": "Always the same on all your devices",
    "cross_device_sync": "Your notes on all your devices",
    "advanced_crisis_features": "More help in hard times",
}


def situation_of(document: Document) -> str:
    """Which of the words an answer about access was told with; it may be an answer of before, from a cache."""
    grace = document.get("gracePeriod")
    days = grace.get("daysLeft") if isinstance(grace, Mapping) else None
    told = {f"{words.format(days=days)} {LINE_988}": name for name, words in WORDS.items()}
    return told.get(str(document.get("message")), "unknown")


def every() -> Sequence[str]:
    """The messages that stand in no template, for the catalogues."""
    tables: list[Mapping[str, str]] = [WORDS, PLANS, UNTIL, PAYMENTS, METHODS, TOOLS, PARTS]
    pages = [text for _, title, text in PAGES.values() for text in (title, text)]
    codes = [text for _, text in CODES.values()]
    return [*(text for table in tables for text in table.values()), *pages, *codes, PLAN_OF_NO_WORDS, LINE_988, PAGE]
