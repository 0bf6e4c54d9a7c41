import threading

from shared.checks.examination import examine
from shared.checks.finding import ok


def test_findings_come_in_the_order_of_the_groups_and_a_failing_group_hides_no_other():
    def broken():
        yield ok("first", "It is well.")
        raise RuntimeError("a secret")

    found = examine({"a": broken, "b": lambda: [ok("third", "It is well.")]}, timeout_seconds=30)
    assert [(finding.name, finding.status) for finding in found] == [("first", "ok"), ("a", "fault"), ("third", "ok")]
    assert "a secret" not in found[1].message


def test_a_group_that_hangs_is_told_with_what_it_had_found_before():
    end = threading.Event()

    def hangs():
        yield ok("first", "It is well.")
        end.wait()

    found = examine({"hangs": hangs, "other": lambda: [ok("other", "It is well.")]}, timeout_seconds=0.2)
    end.set()
    assert [(finding.name, finding.status) for finding in found] == [
        ("first", "ok"),
        ("hangs", "fault"),
        ("other", "ok"),
    ]
