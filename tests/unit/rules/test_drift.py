"""What counts as drift, and what does not."""

from datetime import UTC, datetime

import pytest

from schemas.subscription import SubscriptionFact
from shared.rules import subscription
from shared.rules.drift import MENDED, Kind, drift
from shared.rules.fold import fold
from shared.rules.history import Placed

ALL = frozenset({"status", "customer", "cancel_at", "quantity"})


def at(second, type_, rank, **shown):
    fact = SubscriptionFact(**{"subject_id": "sub_1", "status": "active", "customer": "cus_1"} | shown)
    moment = datetime.fromtimestamp(1_790_000_000 + second, UTC)
    return Placed(cause=f"{type_}{second}", type=type_, rank=rank, occurred_at=moment, fact=fact)


def known(**shown):
    return fold([at(0, "customer.subscription.created", 10, **shown)]).state


def seen(**shown):
    return at(60, "fetched.subscription", 5, **shown)


def found(state, one, **how):
    return drift(state, one, subscription.RULES, **{"stated": ALL} | how)


def test_the_same_is_no_drift():
    assert found(known(), seen()) is None


@pytest.mark.parametrize("state", [None, {}])
def test_what_is_not_known_here_is_missing(state):
    assert found(state, seen()).kind is Kind.MISSING


def test_another_status_is_told_with_both_values():
    drifted = found(known(), seen(status="past_due"))
    assert (drifted.kind, drifted.differences) == (Kind.STATUS, {"status": ("active", "past_due")})


def test_another_field_is_told_with_both_values():
    drifted = found(known(quantity=1), seen(quantity=2))
    assert (drifted.kind, drifted.differences) == (Kind.FIELDS, {"quantity": (1, 2)})


def test_what_the_object_does_not_tell_is_no_difference():
    assert found(known(quantity=1), seen(), stated=ALL - {"quantity"}) is None


def test_what_the_object_tells_to_be_nothing_is_a_difference():
    assert found(known(quantity=1), seen()).differences == {"quantity": (1, None)}


def test_a_status_to_which_no_rule_leads_is_told_and_not_mended():
    drifted = found(known(status="canceled"), seen())
    assert (drifted.kind, drifted.differences) == (Kind.REFUSED, {"status": ("canceled", "active")})
    assert drifted.kind not in MENDED


def test_a_guess_that_turns_out_right_is_settled_all_the_same():
    drifted = found(known(), seen(), needs_refetch=True)
    assert drifted.kind is Kind.DOUBTFUL
    assert drifted.kind in MENDED


def test_a_field_that_older_facts_lack_is_told():
    state = {name: value for name, value in known().items() if name != "quantity"}
    assert found(state, seen(quantity=2)).differences == {"quantity": (None, 2)}
