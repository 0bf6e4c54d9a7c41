from shared.dead_letters import Filter, Outcome, Target, plan
from shared.events import Event, like_patterns


def event(row, state="dead"):
    return Event(**dict.fromkeys(Event.__dataclass_fields__) | {"id": row, "event_id": "evt_1", "state": state})


def test_a_dead_letter_is_a_target():
    assert plan({"evt_1": (event(1),)}) == ([Target("evt_1", 1)], [])


def test_what_is_unknown_not_dead_or_ambiguous_is_told():
    _, refused = plan({"evt_0": (), "evt_1": (event(1, "processing"),), "evt_2": (event(2), event(3, "processed"))})
    assert refused == [
        Outcome("evt_0", "not_found"),
        Outcome("evt_1", "not_dead", "processing"),
        Outcome("evt_2", "ambiguous", candidates=("#2", "#3")),
    ]


def test_an_outcome_says_no_more_than_there_is():
    assert Outcome("evt_1", "requeued").to_json() == {"id": "evt_1", "outcome": "requeued"}


def test_only_a_filter_that_narrows_is_one():
    assert Filter(discarded=True).matches_everything()
    assert not Filter(lane="crisis").matches_everything()


def test_a_star_at_the_end_is_the_only_wildcard():
    assert like_patterns(["invoice.*", "a_b%"]) == ["invoice.%", r"a\_b\%"]
    assert like_patterns([]) is None
