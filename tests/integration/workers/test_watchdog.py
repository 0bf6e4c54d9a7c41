"""The question the watchdog asks PostgreSQL: does something wait in my lanes that was rung for lately?"""

import pytest

from tests.factories.arrivals import arrival
from workers.watchdog import Limits, waits_in_vain

LIMITS = Limits(
    busy_seconds=25,
    begin_seconds=15,
    patience={"crisis": 15, "standard": 45},
    rung_seconds={"crisis": 10, "standard": 35},
)


@pytest.fixture
def asked(pool, conn, inbox):
    """What the watchdog hears of one event that waits in this lane, due and rung for so many seconds ago."""

    def asked(*, lane="standard", due, rung, state="received", idle=100):
        row_id = inbox.keep(arrival(), nudged=True).row_id
        conn.execute(
            """UPDATE events SET lane = %(lane)s, state = %(state)s,
            next_attempt_at = now() - make_interval(secs => %(due)s),
            nudged_at = now() - make_interval(secs => %(rung)s),
            claimed_by = CASE WHEN %(state)s = 'processing' THEN 'somebody' END,
            lease_until = CASE WHEN %(state)s = 'processing' THEN now() END WHERE id = %(id)s""",
            {"lane": lane, "state": state, "due": due, "rung": rung, "id": row_id},
        )
        with pool.transaction() as within:
            return waits_in_vain(within, LIMITS, idle_seconds=idle)

    return asked


def test_nothing_waits_where_nothing_is(pool):
    with pool.transaction() as conn:
        assert waits_in_vain(conn, LIMITS, idle_seconds=100) is False


@pytest.mark.parametrize(
    ("seen", "heard"),
    [
        ({"due": 60, "rung": 5}, True),
        ({"due": 60, "rung": 5, "state": "retrying"}, True),
        ({"due": 60, "rung": 5, "lane": "crisis"}, True),
        ({"due": 20, "rung": 5, "lane": "crisis", "idle": 20}, True),
        # Not due for long, not rung for lately, or not waiting at all.
        ({"due": 40, "rung": 5}, False),
        ({"due": -5, "rung": 5}, False),
        ({"due": 60, "rung": 40}, False),
        ({"due": 60, "rung": None}, False),
        ({"due": 60, "rung": 5, "state": "processing"}, False),
        # This worker did something meanwhile: long enough ago for the crisis lane, not for the other.
        ({"due": 60, "rung": 5, "idle": 20}, False),
    ],
)
def test_only_what_is_due_for_long_and_was_rung_for_lately_waits_in_vain(asked, seen, heard):
    assert asked(**seen) is heard
