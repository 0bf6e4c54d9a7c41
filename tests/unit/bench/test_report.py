"""A figure as a table, as a file, and in a page."""

from dataclasses import replace

import pytest

from bench import report, tables
from bench.report import Report
from bench.rounds import Spread


@pytest.fixture
def figure():
    return Report(
        figure="ingress",
        title="Ingress",
        reference="bare",
        measures={"per_second": "requests/s", "p99_ms": "p99 ms", "never": "never taken"},
        also_as_ratio=["p99_ms"],
        situations={
            "16 connections": {
                "carelane": [{"per_second": 50.0, "p99_ms": 4.0}, {"per_second": 75.0, "p99_ms": 4.0}],
                "bare": [{"per_second": 100.0, "p99_ms": 2.0}, {"per_second": 100.0, "p99_ms": 2.0}],
                "alone": [{"per_second": 1000.0}, {"per_second": 1000.0}],
            }
        },
        machine={"measured_at": "2026-11-21T10:00:00+00:00", "cores": "2", "python": "3.11"},
        left_out={"fastify": "node is not here"},
    )


def test_a_table_has_ratios_then_medians_with_their_spread_and_no_empty_column(figure):
    assert figure.markdown().splitlines() == [
        "16 connections:",
        "",
        "| target | requests/s, x bare | p99 ms, x bare | requests/s | p99 ms |",
        "| --- | --- | --- | --- | --- |",
        "| carelane | 0.62 (0.50-0.75) | 2.00 | 62.5 (50.0-75.0) | 4.00 |",
        "| bare | 1.00 | 1.00 | 100 | 2.00 |",
        "| alone | 10.0 | - | 1,000 | - |",
        "",
        "Not measured: fastify (node is not here).",
    ]


def test_beside_each_target_stands_how_many_times_as_much_of_the_first_measure_the_compared_one_has(figure):
    lines = replace(figure, compared="carelane").markdown().splitlines()
    assert (
        lines[2]
        == "| target | requests/s, x bare | p99 ms, x bare | carelane's requests/s, x this | requests/s | p99 ms |"
    )
    assert [line.split(" | ")[3] for line in lines[4:7]] == ["1.00", "0.62 (0.50-0.75)", "0.0625 (0.05-0.075)"]


def test_a_report_is_read_as_it_was_written(figure, tmp_path):
    assert report.read(figure.write(tmp_path / "build")) == figure


def test_a_section_says_when_and_on_what_it_was_measured(figure):
    first = tables.section(figure).splitlines()[0]
    assert first.startswith("Measured 2026-11-21, 2 cores")
    assert first.endswith("Python 3.11; medians of 2 rounds, least and most in brackets.")
    once = {
        situation: {name: samples[:1] for name, samples in targets.items()}
        for situation, targets in figure.situations.items()
    }
    told = tables.section(replace(figure, situations=once, machine=figure.machine | {"user": "root"})).splitlines()[0]
    assert told.endswith("Python 3.11, as root; one round.")


def test_a_page_gets_the_sections_between_its_marks_and_keeps_the_rest():
    page = "Before\n<!-- drain -->\nold\n<!-- /drain -->\nAfter \\1\n"
    once = tables.put(page, {"drain": "new \\1 table\n"})
    assert once == "Before\n<!-- drain -->\n\nnew \\1 table\n\n<!-- /drain -->\nAfter \\1\n"
    assert tables.put(once, {"drain": "new \\1 table\n"}) == once


def test_a_page_without_marks_for_a_section_is_refused():
    with pytest.raises(KeyError, match="drain"):
        tables.put("no marks", {"drain": "text"})


@pytest.mark.parametrize(
    ("value", "text"),
    [(12345.6, "12,346"), (101.4, "101"), (23.44, "23.4"), (2.314, "2.31"), (0.01234, "0.0123"), (0, "0.00")],
)
def test_numbers_show_the_figures_that_count(value, text):
    assert report.number(value) == text


def test_rounds_that_agree_need_no_brackets():
    assert report.told(Spread(2, 2, 2)) == "2.00"
    assert report.told(None) == "-"
