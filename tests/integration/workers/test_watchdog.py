"""The question the watchdog asks PostgreSQL: does something wait in my lanes although the bell rings?"""

import pytest

from shared.config import Settings
from tests.factories.arrivals import arrival
from workers.watchdog import Limits, limits_of, waits_in_vain

LIMITS = Limits(
    busy_seconds=25,
    begin_seconds=15,
    patience={"crisis": 15, "standard": 45},
)


@pytest.fixture
def asked(pool, conn, inbox):
    """What the watchdog hears of one event of this lane, due for so many seconds, while the bell beats so."""

    def asked(*, lane="standard", due, rung=True, bell=(100, 1), state="received", idle=100):
        row_id = inbox.keep(arrival(), nudged=rung).row_id
        if bell:
            conn.execute(
                "INSERT INTO heartbeats (process, place, since, beaten_at) VALUES ('doorbell', 'here',"
                " now() - make_interval(secs => %s), now() - make_interval(secs => %s))",
                bell,
            )
        conn.execute(
            """UPDATE events SET lane = %(lane)s, state = %(state)s,
            next_attempt_at = now() - make_interval(secs => %(due)s),
            claimed_by = CASE WHEN %(state)s = 'processing' THEN 'somebody' END,
            lease_until = CASE WHEN %(state)s = 'processing' THEN now() END WHERE id = %(id)s""",
            {"lane": lane, "state": state, "due": due, "id": row_id},
        )
        with pool.transaction() as within:
            return waits_in_vain(within, LIMITS, idle_seconds=idle)

    return asked


def test_nothing_waits_where_nothing_is(pool):
    with pool.transaction() as conn:
        assert waits_in_vain(conn, LIMITS, idle_seconds=100) is False


def test_a_worker_of_both_lanes_asks_as_the_settings_have_it(asked, pool):
    asked(due=60)
    with pool.transaction() as conn:
        assert waits_in_vain(conn, limits_of(Settings(), ["crisis", "standard"]), idle_seconds=60) is True


@pytest.mark.parametrize(
    ("seen", "heard"),
    [
        ({"due": 60}, True),
        ({"due": 60, "state": "retrying"}, True),
        ({"due": 60, "lane": "crisis"}, True),
        ({"due": 20, "lane": "crisis", "idle": 20}, True),
        # Not due for long, never rung for, or not waiting at all.
        ({"due": 40}, False),
        ({"due": -5}, False),
        ({"due": 60, "rung": False}, False),
        ({"due": 60, "state": "processing"}, False),
        # The relay is not there, does not reach the broker, or has reached it again for a moment only.
        ({"due": 60, "bell": None}, False),
        ({"due": 60, "bell": (100, 20)}, False),
        ({"due": 60, "bell": (30, 1)}, False),
        # This worker did something meanwhile: long enough ago for the crisis lane, not for the other.
        ({"due": 60, "idle": 20}, False),
    ],
)
def test_only_what_is_due_for_long_while_the_bell_rings_waits_in_vain(asked, seen, heard):
    assert asked(**seen) is heard
