"""A walk along the chain names each record that is not what it was, and says nothing of a whole one."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules import trail
from shared.rules.trail import Linked, Record, Walk


def record(number, **changes):
    told = {"id": number, "at": f"2026-01-01T00:00:{number:02}+00:00", "actor": "a", "act": "b", "object": "c"}
    return Record(**told | {"reason": None, "before": None, "after": '{"n": 1}'} | changes)


def chain(length):
    links, previous = [], trail.BEGINNING
    for number in range(1, length + 1):
        digest = trail.digest(record(number))
        previous = trail.link(previous, number, record(number).at, digest)
        links.append(
            Linked(
                position=number,
                audit_id=number,
                at=record(number).at,
                digest=digest,
                link=previous,
                record=record(number),
            )
        )
    return links


def faults(links, anchors=None, kept_since=""):
    walk = Walk(anchors, kept_since)
    return [(fault.kind, fault.position) for fault in (*walk.along(links), *walk.end())]


@given(st.integers(0, 20))
def test_a_whole_chain_has_no_fault(length):
    links = chain(length)
    assert faults(links, {one.position: one.link for one in links}) == []


@given(st.data())
def test_one_changed_record_is_named_and_no_other(data):
    links = chain(data.draw(st.integers(1, 12)))
    at = data.draw(st.integers(0, len(links) - 1))
    change = data.draw(st.sampled_from(["at", "actor", "act", "object", "reason", "before", "after"]))
    links[at] = dataclasses.replace(links[at], record=dataclasses.replace(links[at].record, **{change: "x"}))
    assert faults(links) == [("changed", at + 1)]


@given(st.data())
def test_a_changed_record_with_a_digest_made_to_fit_breaks_the_chain(data):
    links = chain(data.draw(st.integers(1, 12)))
    at = data.draw(st.integers(0, len(links) - 1))
    changed = record(at + 1, actor="another")
    links[at] = dataclasses.replace(links[at], record=changed, digest=trail.digest(changed))
    assert faults(links) == [("broken", at + 1)]


def test_a_chain_made_to_fit_from_there_on_contradicts_the_next_anchor():
    old, new = chain(5), chain(5)
    changed, previous = record(3, actor="another"), new[1].link
    for at in (2, 3, 4):
        told = changed if at == 2 else new[at].record
        digest = trail.digest(told)
        previous = trail.link(previous, at + 1, told.at, digest)
        new[at] = dataclasses.replace(new[at], record=told, digest=digest, link=previous)
    assert faults(new) == []
    assert faults(new, {2: old[1].link, 4: old[3].link}) == [("rewritten", 4)]


def test_missing_links_are_told_by_the_first():
    links = chain(6)
    assert faults([*links[:2], *links[4:]]) == [("missing", 3)]


def test_a_record_that_is_gone_is_missing_unless_its_years_are_over():
    links = chain(3)
    links[1] = dataclasses.replace(links[1], record=None)
    assert faults(links) == [("missing", 2)]
    assert faults(links, kept_since="2026-01-01T00:00:03") == []
    links[1] = dataclasses.replace(links[1], at="2010-01-01T00:00:00+00:00")
    assert faults(links, kept_since="2026-01-01T00:00:01") == [("broken", 2)]


def test_a_second_record_at_one_position_is_inserted():
    links = chain(3)
    assert faults([*links[:2], links[1], links[2]]) == [("inserted", 2)]


def test_an_end_that_was_cut_off_is_shown_by_an_anchor_beyond_it():
    links = chain(4)
    assert faults(links[:2], {4: links[3].link}) == [("truncated", 3)]


def test_a_chain_that_grew_for_more_than_a_day_and_that_no_anchor_has_seen_is_told():
    links = chain(3)
    links[2:] = [dataclasses.replace(links[2], at="2026-01-02T01:00:03+00:00")]
    late = [("unanchored", 1), ("broken", 3)]
    assert sorted(faults(links, {})) == sorted(late)
    assert ("unanchored", 2) in faults(links, {1: links[0].link})
    assert ("unanchored", 3) not in faults(links, {2: links[1].link})
    assert faults(links, {3: links[2].link}) == faults(links) == [("broken", 3)]


@pytest.mark.parametrize("at", ["not a time", "2026-01-09T00:00:00"])
def test_a_time_that_is_none_breaks_its_link_and_nothing_else(at):
    links = chain(2)
    links[1] = dataclasses.replace(links[1], at=at)
    assert faults(links, {}) == [("broken", 2)]


def test_the_last_position_that_an_anchor_confirms_is_known():
    links = chain(4)
    walk = Walk({2: links[1].link})
    assert list(walk.along(links)) == []
    assert (walk.position, walk.anchored) == (4, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"actor": "ab", "act": "c"}, {"actor": "a", "act": "bc"}),
        ({"reason": None}, {"reason": ""}),
        ({"before": "x", "after": None}, {"before": None, "after": "x"}),
    ],
)
def test_no_two_records_have_the_same_digest_by_where_their_fields_end(one, other):
    assert trail.digest(record(1, **one)) != trail.digest(record(1, **other))
