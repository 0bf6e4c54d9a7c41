"""Whatever Stripe sends, in whatever state it leaves a subscription and its invoices, help is in the answer."""

import dataclasses
from datetime import timedelta
from random import Random

from shared.rules import people_words
from shared.rules.access import decide
from shared.rules.billing import Folded, subscriptions_of
from shared.rules.fold import fold
from shared.rules.safety import violations
from shared.rules.standing import Policy
from shared.rules.unpaid import Move
from tests.factories.facts import MOMENT
from tests.factories.histories import HISTORIES, SEED, again, history
from tests.factories.people import known


def folded(kind, random):
    facts = history(kind, random)
    if kind == "invoice":  # of the subscription that is told beside it, mostly
        facts = [
            dataclasses.replace(one, fact=dataclasses.replace(one.fact, subscription=random.choice(("x", "x", "y"))))
            for one in facts
        ]
    result, times = fold(facts), {one.cause: one.occurred_at for one in facts}
    moves = [Move(step.to_status, times[step.cause]) for step in result.steps if step.moved]
    return Folded(subject_id="x", state=result.state, latest_at=max(times.values()), moves=moves)


def test_every_history_gives_an_answer_with_help_in_it():
    random = Random(SEED)
    for number in range(HISTORIES):
        invoices = [folded("invoice", random) for _ in range(random.randrange(3))]
        subscriptions = subscriptions_of([folded("subscription", random)], invoices)
        for days in (0, 3, 30):
            now = MOMENT + timedelta(days=days)
            access = decide(known(*subscriptions), Policy(), now)
            assert violations(access, in_danger=False) == (), again(number)
            assert access.grace is None or access.grace.ends_at == access.grace.started_at + timedelta(days=7)
            assert "988" in people_words.message(access, now)
