"""How the console's lists are found: by an index each, never by reading all events that are kept."""

import re

import pytest

from shared import event_hours, event_search
from shared.event_search import Wanted, search
from shared.events import Filter

ROWS = 20_000
_FILL = """
INSERT INTO events (
    event_id, type, object_id, customer_hash, body_hash, body_bytes, lane, lane_reason, urgency, state, received_at,
    settled_at, reason_code
)
SELECT
    'evt_' || n, 'type.' || n %% 5, 'in_' || n / 3, decode(md5((n %% 2000)::text), 'hex'), '', 800,
    CASE WHEN n %% 20 = 0 THEN 'crisis' ELSE 'standard' END, 'standard', 0,
    CASE WHEN n %% 300 = 0 THEN 'dead' ELSE 'processed' END,
    now() - (%(rows)s - n) * interval '2 s', now(), CASE WHEN n %% 300 = 0 THEN 'schema' END
FROM generate_series(1, %(rows)s) AS n
"""


class Explained:
    """A connection that notes the plan of each statement it carries."""

    def __init__(self, conn):
        self.conn = conn
        self.plans = []

    def execute(self, sql, parameters=None):
        rows = self.conn.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) {sql}", parameters)
        self.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
        return self.conn.execute(sql, parameters)

    def most_read(self):
        """The rows that the greediest step of all gave or threw away."""
        found = re.findall(
            r"(?:rows=|Rows Removed by \w+(?: \w+)*: )(\d+)(?:\.\d+)?(?= loops|$)", "\n".join(self.plans), re.MULTILINE
        )
        return max(map(int, found))


@pytest.fixture(scope="module")
def filled(database_url):
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(_FILL, {"rows": ROWS})
        conn.execute("ANALYZE events")


@pytest.fixture
def emptied():
    """What was filled stays for all of this module."""


KEYED = {
    "by object": Wanted(filter=Filter(object_id="in_77")),
    "by customer": Wanted(filter=Filter(customer=bytes.fromhex("c4ca4238a0b923820dcc509a6f75849b"))),
    "by person": Wanted(filter=Filter(person="nobody")),
    "by event": Wanted(filter=Filter(), event_id="evt_77"),
    "the dead": Wanted(filter=Filter(states=("dead",))),
    "what waits": Wanted(filter=Filter(states=("received", "retrying"))),
    "all": Wanted(filter=Filter()),
}


@pytest.mark.parametrize("name", KEYED)
def test_a_list_by_key_reads_little_more_than_it_shows(filled, conn, name):
    explained = Explained(conn)
    search(explained, KEYED[name])
    assert not any("Seq Scan on events" in plan for plan in explained.plans), explained.plans
    assert explained.most_read() <= 500, explained.plans


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(types=("type.none",)),
        Filter(account="acct_none"),
        Filter(states=("ignored",)),
        Filter(lane="crisis", types=("x",)),
    ],
)
def test_any_other_search_looks_back_a_bounded_way_and_then_leads_on(filled, conn, monkeypatch, wanted):
    monkeypatch.setattr(event_search, "LOOK_BACK", 2_000)
    explained, steps, after = Explained(conn), 0, None
    while True:
        found = search(explained, Wanted(filter=wanted, after=after))
        assert found.events == []
        steps, after = steps + 1, found.after
        if after is None:
            break
    assert steps == ROWS // 2_000
    assert explained.most_read() <= 2_000, explained.plans


def test_a_search_between_two_moments_begins_there(filled, conn):
    (newest,) = search(conn, Wanted(filter=Filter(), most=1)).events
    until = newest.received_at.replace(microsecond=0)
    since = until.replace(hour=(until.hour - 1) % 24)
    explained = Explained(conn)
    found = search(explained, Wanted(filter=Filter(types=("type.none",), since=min(since, until), until=until)))
    assert (found.events, found.after) == ([], None)
    assert explained.most_read() <= 3_000, explained.plans


def test_what_the_last_week_shows_is_read_by_its_key_and_not_from_events(filled, conn):
    conn.execute(
        "INSERT INTO event_hours (hour, lane, received, processed, ignored, dead, unfinished, late)"
        " SELECT date_trunc('hour', now(), 'UTC') - n * interval '1 hour', 'crisis', 1, 1, 0, 0, 0, 0"
        " FROM generate_series(1, 9000) AS n"
    )
    conn.execute("ANALYZE event_hours")
    explained = Explained(conn)
    event_hours.read(explained)
    assert "event_hours_pkey" in explained.plans[0], explained.plans
    assert explained.most_read() <= 7 * 24, explained.plans
