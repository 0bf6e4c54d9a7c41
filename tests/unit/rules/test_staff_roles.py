"""Each role and act, cell by cell: a change of the table is a change of this test."""

import pytest

from shared.rules.staff_limits import MOST_TRIES, is_reason, is_throttled, weakness
from shared.rules.staff_roles import ACT_WORDS, ACTS, BEHIND_GLASS, ROLES, allowed, may, who_may

# By act, in the order of ROLES: viewer support operator clinician auditor admin.
TABLE = {
    "events.see": "yes yes yes no yes yes",
    "events.requeue": "no no yes no no no",
    "events.discard": "no no yes no no no",
    "events.replay": "no no yes no no no",
    "reconcile.run": "no no yes no no no",
    "payloads.open": "no no no no no no",
    "people.see": "no yes no yes no no",
    "crises.act": "no no no yes no no",
    "emergency.open": "no yes no yes no no",
    "audit.read": "no no no no yes yes",
    "audit.export": "no no no no yes no",
    "staff.manage": "no no no no no yes",
    "glass.break": "no yes yes yes no yes",
}


@pytest.mark.parametrize("act", ACTS)
def test_each_role_may_what_the_table_says(act):
    assert ["yes" if may(role, act) else "no" for role in ROLES] == TABLE[act].split()
    assert set(who_may(act)) == {role for role in ROLES if may(role, act)}


def test_the_table_has_every_act_and_no_other():
    assert set(TABLE) == set(ACTS)
    assert set().union(*(allowed(role, glass_broken=True) for role in ROLES)) <= set(ACTS)


@pytest.mark.parametrize("role", ROLES)
def test_broken_glass_adds_to_those_alone_who_may_break_it(role):
    added = allowed(role, glass_broken=True) - allowed(role)
    assert added == (BEHIND_GLASS - allowed(role) if may(role, "glass.break") else set())


def test_each_act_has_words_for_people():
    assert list(ACT_WORDS) == list(ACTS)


def test_an_unknown_role_or_act_is_forbidden():
    assert allowed("root", glass_broken=True) == set()
    assert not may("admin", "everything")


@pytest.mark.parametrize("kind", MOST_TRIES)
def test_the_last_try_is_the_one_before_the_limit(kind):
    assert not is_throttled({kind: MOST_TRIES[kind] - 1})
    assert is_throttled({kind: MOST_TRIES[kind]})


@pytest.mark.parametrize("password", ["short", "a" * 20, "x" * 129, "ann is my password", "ababababababab"])
def test_a_weak_password_is_told_what_is_wrong(password):
    assert weakness(password, "ann")


def test_length_is_enough():
    assert weakness("correct horse battery", "ann") is None


def test_a_reason_is_more_than_a_word_and_can_be_shown():
    assert [is_reason(text) for text in ("asked for by the clinic", "because", "x" * 501, "with\na line break")] == [
        True, False, False, False,
    ]  # fmt: skip
