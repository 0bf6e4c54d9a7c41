import pytest

from shared import dead_letters, events
from shared.bulk_acts import DISCARD, REPLAY, REQUEUE, Outcome, Target, plan
from shared.bulk_work import Report, Work, report
from shared.events import Standing, like_patterns
from shared.reasons import fault_of


def standing(row, state="dead", *, discarded=False):
    return Standing(id=row, event_id="evt_1", state=state, series=3, discarded=discarded)


@pytest.mark.parametrize(
    ("act", "state"), [(REQUEUE, "dead"), (DISCARD, "dead"), (REPLAY, "processed"), (REPLAY, "ignored")]
)
def test_what_an_act_takes_is_a_target(act, state):
    assert plan(act, {"evt_1": (standing(1, state),)}) == ([Target("evt_1", 1, 3)], [])


@pytest.mark.parametrize("act", [REQUEUE, DISCARD, REPLAY])
@pytest.mark.parametrize("state", ["received", "processing", "retrying"])
def test_no_act_takes_what_is_running(act, state):
    assert plan(act, {"evt_1": (standing(1, state),)}) == ([], [Outcome("evt_1", "already_running", state)])


def test_what_is_unknown_ambiguous_or_of_another_state_is_told():
    _, refused = plan(
        REQUEUE, {"evt_0": (), "evt_1": (standing(1, "ignored"),), "evt_2": (standing(2), standing(3, "processed"))}
    )
    assert refused == [
        Outcome("evt_0", "not_found"),
        Outcome("evt_1", "not_dead", "ignored"),
        Outcome("evt_2", "ambiguous", candidates=("#2", "#3")),
    ]


def test_the_dead_are_not_replayed_and_the_way_for_them_is_named():
    _, [refused] = plan(REPLAY, {"evt_1": (standing(1),)})
    assert refused.to_json() == {"id": "evt_1", "outcome": "dead", "state": "dead", "hint": "use dead requeue"}


def test_what_was_discarded_is_discarded_no_more_but_may_be_requeued():
    aside = {"evt_1": (standing(1, discarded=True),)}
    assert plan(DISCARD, aside) == ([], [Outcome("evt_1", "already_discarded", "dead")])
    assert plan(REQUEUE, aside) == ([Target("evt_1", 1, 3)], [])


def test_an_outcome_says_no_more_than_there_is():
    assert Outcome("evt_1", "requeued").to_json() == {"id": "evt_1", "outcome": "requeued"}


def test_what_was_not_come_to_has_its_outcome_too():
    work = Work(REQUEUE, tuple(Target(f"evt_{n}", n, 1) for n in range(3)), (Outcome("evt_x", "not_found"),))
    told = report(work, [Outcome("evt_0", "requeued")], cancelled=True)
    names = {"evt_x": "not_found", "evt_0": "requeued", "evt_1": "not_done", "evt_2": "not_done"}
    assert {outcome.id: outcome.outcome for outcome in told.outcomes} == names
    assert not told.complete


def test_all_done_is_complete_and_nothing_less_is():
    work = Work(REQUEUE, (Target("evt_1", 1, 1),))
    assert Report(work, (Outcome("evt_1", "requeued"),)).complete
    assert not Report(work, (Outcome("evt_1", "changed_meanwhile", "dead"),)).complete
    assert not Report(work, (), cancelled=True).complete


def test_only_a_filter_that_narrows_is_one():
    assert dead_letters.Filter(discarded=True).matches_everything()
    assert not dead_letters.Filter(lane="crisis").matches_everything()
    assert events.Filter().matches_everything()
    assert not events.Filter(states=("processed",)).matches_everything()


@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 501, "a\x1bb"])
def test_a_reason_that_says_nothing_or_cannot_be_shown_is_at_fault(reason):
    assert fault_of(reason)


def test_a_reason_in_plain_words_serves():
    assert fault_of("x" * 500) is None


def test_a_star_at_the_end_is_the_only_wildcard():
    assert like_patterns(["invoice.*", "a_b%"]) == ["invoice.%", r"a\_b\%"]
    assert like_patterns([]) is None
