"""Whether a ratio has fallen; what a profile's stacks sum up to."""

import pytest

from bench import folded, regression
from bench.report import Report


@pytest.mark.parametrize("measured", [0.5, 0.51, 3.0])
def test_a_ratio_within_the_margin_or_better_passes(measured):
    assert regression.fallen({"ingress": measured}, {"ingress": 1.0}) == []


def test_a_ratio_far_below_what_was_recorded_is_told():
    (line,) = regression.fallen({"ingress": 0.4, "drain": 7.0}, {"ingress": 1.0, "drain": 7.0})
    assert line == "ingress: 0.4, recorded 1.0; the least is 0.50"


def test_a_figure_that_was_not_measured_has_fallen():
    (line,) = regression.fallen({}, {"drain": 7.0})
    assert "not measured" in line


def test_ratios_are_the_medians_of_the_first_measure():
    figure = Report(
        figure="drain",
        title="",
        reference="naive",
        measures={"events_per_second": "events/s", "p99_ms": "p99"},
        situations={
            "idle": {
                "carelane": [{"events_per_second": value, "p99_ms": 1.0} for value in (600.0, 700.0, 900.0)],
                "naive": [{"events_per_second": 100.0, "p99_ms": 1.0}] * 3,
            }
        },
        machine={},
    )
    assert regression.ratios(figure, target="carelane") == {"drain, idle": 7.0}


def test_stacks_are_summed_by_function_whatever_the_line():
    found = folded.shares(
        [
            'process 7:"door";run (app.py:3);keep (inbox.py:10) 6',
            'process 7:"door";run (app.py:4);keep (inbox.py:11);keep (inbox.py:11) 2',
            'process 7:"door";run (app.py:4) 2',
            'process 7:"door" 90',
            "not a stack",
        ]
    )
    assert found.samples == 10
    assert found.own == {"keep (inbox.py)": 8, "run (app.py)": 2}
    assert found.whole == {"run (app.py)": 10, "keep (inbox.py)": 8}


def test_a_profile_names_the_dearest_first():
    stacks = ["main (click/m.py:1);a (shared/m.py:1);b (m.py:2) 3", "main (click/m.py:1);a (shared/m.py:1) 1"]
    text = folded.table(folded.shares(stacks), most=1)
    # `main` holds all there is: a library that calls ours tells nothing.
    assert text == "own time\n 75.0 %  b (m.py)\n\nwith what it calls\n100.0 %  a (shared/m.py)"
