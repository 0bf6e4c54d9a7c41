"""The console's charts and figures: what is drawn is what was counted."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ingress.console import charts
from ingress.console.now import Remembered
from ingress.console.words import money
from shared.staff_acts import Kept
from shared.walk_figures import Latencies

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOMEBODY = UUID(int=1)


def test_stacked_bars_stand_on_the_ground_and_the_highest_reaches_the_top():
    chart = charts.stacked([(3, 1), (0, 0), (1, 0)])
    assert chart.top == 4
    full = [bar for bar in chart.bars if bar.x == 0]
    assert [(bar.y, bar.height, bar.kind) for bar in full] == [(20, 60, ""), (0, 20, "other")]
    assert len(chart.bars) == 3


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (420_000, "usd", "4,200.00 USD"),
        (-5, "eur", "-0.05 EUR"),
        (4200, "jpy", "4,200 JPY"),
        (4200, "kwd", "4.200 KWD"),
        (10**17 + 1, "usd", "1,000,000,000,000,000.01 USD"),
    ],
)
def test_money_is_shown_as_people_count_it(minor, currency, shown):
    assert money(minor, currency) == shown


def test_nothing_to_draw_is_drawn_as_nothing():
    assert charts.stacked([]).bars == []
    assert charts.stacked([(0, 0)] * 30).bars == []
    assert charts.against([], 200, places=60).bars == []


def test_what_is_beyond_the_limit_is_marked_and_never_leaves_the_chart():
    chart = charts.against([100, 200, 201, 10_000], 200, places=60)
    assert [bar.kind for bar in chart.bars] == ["", "", "late", "late"]
    assert all(0 <= bar.y <= charts.HEIGHT and bar.height <= charts.HEIGHT for bar in chart.bars)
    assert chart.line == pytest.approx(charts.HEIGHT / 3, abs=0.1)


@pytest.mark.parametrize(("share", "found"), [(0.5, 20), (0.95, 40), (1.0, 40)])
def test_a_quantile_is_one_of_the_values(share, found):
    assert Latencies([30, 10, 40, 20]).quantile(share) == found


def test_without_events_there_is_no_quantile():
    assert (Latencies([]).quantile(0.95), Latencies([]).late, Latencies([199, 200, 201]).late) == (None, 0, 1)


def test_however_many_watch_the_figures_are_read_once_in_two_seconds():
    now, read = [0.0], []
    remembered = Remembered(lambda: read.append(1) or len(read), clock=lambda: now[0])
    found = [remembered.figures(), remembered.figures()]
    now[0] = 2.0
    assert [*found, remembered.figures()] == [1, 1, 2]


def kept(**changes):
    return Kept(
        **{
            "id": SOMEBODY,
            "staff_id": SOMEBODY,
            "actor": "staff:ann",
            "act": "discard",
            "reason": "too old",
            "begun_at": AT,
            "ended_at": AT,
            "undone_at": None,
            "undone_by": None,
            "read_at": AT + timedelta(minutes=29),
            "counts": {"discarded": 2, "already_running": 1},
        }
        | changes
    )


def test_a_discard_can_be_taken_back_for_half_an_hour_after_its_end():
    assert kept().undo_until == AT + timedelta(minutes=30)


@pytest.mark.parametrize(
    "changes",
    [
        {"read_at": AT + timedelta(minutes=30)},
        {"act": "requeue"},
        {"ended_at": None},
        {"undone_at": AT, "undone_by": "staff:bob"},
        {"counts": {"already_discarded": 2}},
    ],
)
def test_what_is_over_or_was_no_discard_or_did_nothing_cannot(changes):
    assert kept(**changes).undo_until is None


def test_who_takes_it_back_carries_that_on():
    assert (kept().carrier, kept(undone_at=AT, undone_by="staff:bob").carrier) == ("staff:ann", "staff:bob")
    assert (kept(counts={None: 4, "discarded": 1}).left, kept(counts={None: 4, "discarded": 1}).chosen) == (4, 5)
