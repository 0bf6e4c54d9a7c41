"""The one list of kinds of subjects and the rules each lives by."""

from collections.abc import Mapping

from shared.rules import invoice, setup_intent, subscription
from shared.rules.history import Rules

RULES: Mapping[str, Rules] = {
    "subscription": subscription.RULES,
    "invoice": invoice.RULES,
    "setup_intent": setup_intent.RULES,
}
