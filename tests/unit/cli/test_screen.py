import io
from datetime import UTC, datetime

import pytest

from ingress.cli import actor, screen


def printed(value):
    stream = io.StringIO()
    screen.console(stream).print(screen.table("Title", ("COLUMN",), [(value,)]))
    return stream.getvalue()


def test_control_characters_from_outside_do_not_reach_the_terminal():
    assert "\x1b" not in printed("evil\x1b[2J\x07type")


def test_what_looks_like_markup_is_shown_as_it_is():
    assert "[red]x[/red]" in printed("[red]x[/red]")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (True, "yes"), (0, "0"), (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z")],
)
def test_values_are_shown_as_a_person_reads_them(value, shown):
    assert shown in printed(value)


def test_a_pipe_gets_no_colour():
    assert "\x1b" not in printed("dead")


def test_a_user_without_a_name_is_known_by_number(monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(actor.getpass, "getuser", nobody)
    assert actor.actor().startswith("cli:uid-")
