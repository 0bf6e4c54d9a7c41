"""Taking turns, and what several rounds say together."""

import pytest

from bench import rounds
from bench.rounds import Spread


def samples(*values):
    return [{"per_second": value} for value in values]


def test_runs_take_turns():
    order = []

    def run(name):
        order.append(name)
        return {"count": float(len(order))}

    found = rounds.interleave({"a": lambda: run("a"), "b": lambda: run("b")}, 2)
    assert order == ["a", "b", "a", "b"]
    assert found == {"a": [{"count": 1.0}, {"count": 3.0}], "b": [{"count": 2.0}, {"count": 4.0}]}


def test_each_sample_is_told_as_it_comes():
    heard = []
    rounds.interleave({"a": lambda: {"x": 1.0}}, 2, told=lambda name, sample: heard.append((name, sample["x"])))
    assert heard == [("a", 1.0), ("a", 1.0)]


def test_the_middle_round_counts_and_one_bad_round_shows_in_the_spread():
    assert rounds.measured(samples(10, 2, 11), "per_second") == Spread(median=10, least=2, most=11)


def test_a_measure_that_no_round_took_is_none():
    assert rounds.measured(samples(1), "p99_ms") is None
    assert rounds.measured([], "per_second") is None


def test_nothing_has_no_middle():
    with pytest.raises(ValueError, match="no values"):
        rounds.spread([])


def test_a_ratio_is_taken_within_each_round():
    # The machine was twice as fast in the second round: for both.
    assert rounds.ratio(samples(50, 100), samples(100, 200), "per_second") == Spread(0.5, 0.5, 0.5)


@pytest.mark.parametrize("reference", [[], samples(0), [{"other": 1.0}]])
def test_there_is_no_ratio_to_what_was_not_measured(reference):
    assert rounds.ratio(samples(50), reference, "per_second") is None
