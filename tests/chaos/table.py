"""What a run of the fault matrix prints: case, injected, expected, seen. Also as Markdown, for the documents."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import rich.table
from rich import box
from rich.console import Console

from tests.chaos.elsewhere import SHOWN_BY

HEADINGS = ("case", "injected", "expected", "seen")
WIDTH = 160


@dataclass(frozen=True, slots=True)
class Row:
    case: str
    injected: str
    expected: str
    test: str
    outcome: str = "passed"
    seen: str = ""

    @property
    def order(self):
        digits = self.case.split(",")[0]
        return (int(digits) if digits.isdigit() else 1000, self.case, self.test)

    def cells(self):
        told = self.seen or ("as expected" if self.outcome == "passed" else "")
        words = {"passed": told, "failed": f"NOT AS EXPECTED {told}", "skipped": f"not run: {told}"}
        return (self.case, self.injected, self.expected, words[self.outcome].strip())


class Table:
    """Gathers a row from each test that names its case, and from each existing test that shows one."""

    def __init__(self):
        self.rows = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        for row in rows_of(item):
            earlier = self.rows.get((row.case, row.test), row)
            # What fails in the end outweighs what passed before it.
            outcome = report.outcome if earlier.outcome == "passed" else earlier.outcome
            self.rows[row.case, row.test] = replace(row, outcome=outcome, seen=seen_in(report))
        if report.when == "teardown" and (wanted := item.config.getoption("--chaos-table", None)):
            # After each test: a run takes long, and one that is broken off has still seen what it saw.
            Path(wanted).parent.mkdir(parents=True, exist_ok=True)
            Path(wanted).write_text(markdown(self.in_order()), encoding="utf-8")
        return report

    def pytest_terminal_summary(self, terminalreporter):
        if self.rows:
            terminalreporter.section("fault matrix")
            terminalreporter.write_line(plain(self.in_order()))

    def in_order(self):
        return sorted(self.rows.values(), key=lambda row: row.order)


def rows_of(item):
    case = item.get_closest_marker("case")
    if case:
        yield Row(case.args[0], case.kwargs["injected"], case.kwargs["expected"], item.nodeid)
    function = item.nodeid.partition("[")[0]
    yield from (Row(case.number, case.injected, case.expected, function) for case in SHOWN_BY if case.test == function)


def seen_in(report):
    if report.outcome == "skipped":
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return "; ".join(text for name, text in report.user_properties if name == "seen")


def plain(rows):
    table = rich.table.Table(*HEADINGS, box=box.SIMPLE, padding=(0, 1))
    for row in rows:
        table.add_row(*row.cells())
    drawn = io.StringIO()
    Console(file=drawn, width=WIDTH, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def markdown(rows):
    lines = ["| " + " | ".join((*HEADINGS, "test")) + " |", "|---" * (len(HEADINGS) + 1) + "|"]
    for row in rows:
        where = row.test.removeprefix("tests/").partition("[")[0].replace("::", " ")
        cells = [cell.replace("|", "\\|") for cell in row.cells()]
        lines.append("| " + " | ".join((*cells, f"`{where}`")) + " |")
    return "\n".join(lines) + "\n"
