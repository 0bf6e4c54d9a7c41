"""Lists go on where they ended, and what no list has given is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.api import cursors
from ingress.api.problems import Problem


def pages(rows, size):
    """A list of numbers read to its end, page by page."""
    after, read = None, []
    while True:
        place = cursors.read_row(after)
        found = [row for row in rows if place is None or row > place][: size + 1]
        page, after = cursors.cut(found, size, str)
        read.append(page)
        if after is None:
            return read


@given(st.sets(st.integers(0, 10**17)), st.integers(1, 7))
def test_pages_hold_all_once_in_order_and_none_is_empty_but_the_only_one(rows, size):
    ordered = sorted(rows)
    read = pages(ordered, size)
    assert [row for page in read for row in page] == ordered
    assert all(read[1:]) or len(read) == 1


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_place_survives_the_journey(place):
    written = cursors.cut([place, "more"], 1, str)[1]
    assert cursors.read(written) == place
    assert written.isascii()


@pytest.mark.parametrize("cursor", ["", " ", "a", "é", "====", "_w", "a b", "MTIz!", "AA"])
def test_what_no_list_has_given_is_refused(cursor):
    with pytest.raises(Problem) as caught:
        cursors.read_row(cursor)
    assert caught.value.code == "INVALID_FIELDS"


@pytest.mark.parametrize("place", ["-1", "1.5", "x", "1" * 19, "٣"])
def test_a_row_is_a_number_of_ours(place):
    with pytest.raises(Problem):
        cursors.read_row(cursors.cut([place, "more"], 1, str)[1])


def test_without_a_cursor_a_list_begins_at_its_start():
    assert cursors.read(None) is None
    assert cursors.read_row(None) is None
