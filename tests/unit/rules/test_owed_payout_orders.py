"""A registered payout as a property: one story for every order of its facts, and legal steps only."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog
from schemas.catalog import EventType
from schemas.facts import Fact
from schemas.payout import STATUSES as PAYOUT_STATUSES
from schemas.payout import PayoutFact
from schemas.transfer import STATUSES as TRANSFER_STATUSES
from schemas.transfer import TransferFact
from shared.rules.fold import fold
from shared.rules.history import Placed
from shared.rules.owed_payout import PENDING, RULES, STEPS

START = datetime(2025, 1, 1, tzinfo=UTC)


def possible_facts() -> list[tuple[EventType, Fact]]:
    """Each type with each status its object may have, whole and in part, by itself and as what takes another back."""
    transfers: list[Fact] = [
        TransferFact(subject_id=id_, status=status, amount=10, currency="usd", amount_reversed=amount)
        for id_ in ("tr_1", "tr_2")
        for status in sorted(TRANSFER_STATUSES)
        for amount in (0, 4, 10)
    ]
    payouts: list[Fact] = [
        PayoutFact(subject_id=id_, status=status, amount=10, currency="usd", original_payout=original)
        for id_ in ("po_1", "po_2")
        for status in sorted(PAYOUT_STATUSES)
        for original in (None, "po_0")
    ]
    of_kind = {"transfer": transfers, "payout": payouts}
    known = [one for one in catalog.EVENT_TYPES.values() if one.kind in of_kind]
    return [(one, fact) for one in known for fact in of_kind[one.kind]]


def as_history(drawn: list[tuple[tuple[EventType, Fact], int]]) -> list[Placed]:
    return [
        Placed(
            cause=f"evt_{number}",
            type=known.type,
            rank=known.rank,
            occurred_at=START + timedelta(seconds=second),
            fact=fact,
        )
        for number, ((known, fact), second) in enumerate(drawn)
    ]


HISTORIES = st.lists(
    st.tuples(st.deferred(lambda: st.sampled_from(possible_facts())), st.integers(0, 3)), min_size=1, max_size=8
).map(as_history)


@settings(max_examples=250, deadline=None)
@given(history=HISTORIES, data=st.data())
def test_every_order_tells_the_same_story_of_legal_steps(history: list[Placed], data: st.DataObject) -> None:
    folded = fold(history, kind="owed_payout")
    repeated = history + data.draw(st.lists(st.sampled_from(history), max_size=3))
    assert fold(data.draw(st.permutations(repeated)), kind="owed_payout") == folded
    for before, after in [(step.from_status, step.to_status) for step in folded.steps if step.moved]:
        way = (before or PENDING, *RULES.through(before, after)) if before or after != PENDING else ()
        assert all(there in STEPS[here] for here, there in itertools.pairwise(way))
