"""A cursor is good for the device that it was given to, and for no other."""

import pytest

from ingress.api import sync_cursors
from ingress.api.problems import Problem

KEY = b"k" * 32
PHONE = ("phone", "p")


def test_a_cursor_comes_back_as_the_position_it_stands_for():
    assert sync_cursors.read(KEY, PHONE, sync_cursors.write(KEY, PHONE, 41)) == 41


@pytest.mark.parametrize("device", [("tablet", "p"), ("phone", "q"), ("phone\0p", "")])
def test_in_another_hand_it_is_foreign(device):
    with pytest.raises(Problem, match="FOREIGN_CURSOR"):
        sync_cursors.read(KEY, device, sync_cursors.write(KEY, PHONE, 41))


@pytest.mark.parametrize("text", ["", "=", "é", "NDE", "NDEu", "LQ", "9" * 300, "LTEuYWFhYWFhYWFhYWFh"])
def test_what_is_no_cursor_is_foreign_too(text):
    with pytest.raises(Problem, match="FOREIGN_CURSOR"):
        sync_cursors.read(KEY, PHONE, text)


def test_one_that_was_changed_is_foreign():
    cursor = sync_cursors.write(KEY, PHONE, 41)
    with pytest.raises(Problem, match="FOREIGN_CURSOR"):
        sync_cursors.read(KEY, PHONE, ("B" if cursor[0] != "B" else "C") + cursor[1:])
