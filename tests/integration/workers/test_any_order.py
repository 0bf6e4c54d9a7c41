"""The same events in true order by one worker, and shuffled and repeated by two at once: the same ends of all."""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from shared import payouts
from shared.payouts import Registered
from shared.rules.fold import fold
from shared.rules.kinds import RULES
from shared.rules.payout_links import OwedPayout
from tests.factories import recorded
from tests.factories.arrivals import arrival
from tests.factories.event_histories import told
from tests.factories.events import event
from tests.factories.facts import placed_event
from tests.factories.histories import FEWEST, HISTORIES, SEED, again

FEWEST_HERE = 60
SAMPLE = FEWEST_HERE * HISTORIES // FEWEST

# Everything of one copy, its rows told by the ids of events instead of by numbers that arrival gave them.
ENDS = {
    "events": """
        SELECT event_id, state, reason_code FROM events WHERE starts_with(event_id, %(events)s) ORDER BY event_id""",
    "subjects": """
        SELECT DISTINCT subjects.kind, subjects.subject_id, subjects.account, subjects.status, subjects.state::text,
            subjects.needs_refetch, subjects.moves
        FROM subjects JOIN facts ON facts.subject_row = subjects.id JOIN events ON events.id = facts.event_row
        WHERE starts_with(event_id, %(events)s) ORDER BY 1, 2, 3""",
    "facts": """
        SELECT subjects.kind, subjects.subject_id, subjects.account, event_id, verdict, verdict_reason, data::text
        FROM subjects JOIN facts ON facts.subject_row = subjects.id JOIN events ON events.id = facts.event_row
        WHERE starts_with(event_id, %(events)s) ORDER BY 1, 2, 3, 4""",
    "transitions": """
        SELECT subjects.kind, subjects.subject_id, subjects.account, position, event_id, from_status, to_status,
            transitions.occurred_at
        FROM transitions JOIN subjects ON subjects.id = transitions.subject_row
        JOIN facts ON facts.id = transitions.fact_id JOIN events ON events.id = facts.event_row
        WHERE starts_with(event_id, %(events)s) ORDER BY 1, 2, 3, 4""",
    "notices": """
        SELECT coalesce(event_id, cause) AS cause, kind, recipient, data::text, about
        FROM notices LEFT JOIN events ON cause IN ('event:' || events.id, 'event:' || event_id || '#' || events.id)
        WHERE about LIKE %(about)s AND kind NOT LIKE 'api_version:%%' ORDER BY kind, recipient, 1""",
}


@pytest.fixture
def drain(processor, conn):
    """Process what is left of these, the woken and the put off, until all have ended."""
    query = "UPDATE events SET next_attempt_at = now() WHERE id = ANY(%s) AND state = 'retrying' RETURNING id"

    def drain(rows):
        for _ in range(30):
            left = [row["id"] for row in conn.execute(query, [rows])]
            if not left:
                return
            for row in left:
                processor.process(row)
        pytest.fail(f"{left} do not end")

    return drain


@pytest.fixture
def carry(inbox, processor, drain):
    """Keep events, register the payout before the one at `at`, and process all by so many `hands` at once."""

    def process(rows, gate):
        gate.wait(10)
        for row in rows:
            processor.process(row)

    def carry(events, register, *, at=0, hands=1):
        early = [inbox.keep(arrival(one), nudged=True).row_id for one in events[:at]]
        for row in early[::2]:  # so that some find nobody who registered it
            processor.process(row)
        register()
        rows = early + [inbox.keep(arrival(one), nudged=True).row_id for one in events[at:]]
        gate = threading.Barrier(hands)
        with ThreadPoolExecutor(hands) as threads:
            list(threads.map(process, [rows[hand::hands] for hand in range(hands)], [gate] * hands))
        drain(rows)

    return carry


@pytest.fixture
def registers(pool):
    def for_copy(name, known):
        owed = OwedPayout(
            payout_id=f"owed-{name}",
            account=f"acct_{name}",
            amount_minor=4500,
            currency="usd",
            stripe_transfer_id=f"tr_{name}" if "transfer" in known else None,
            stripe_payout_id=f"po_{name}" if "payout" in known else None,
        )

        def register():
            with pool.transaction() as own:
                payouts.register(own, Registered(owed, f"creator-{name}"), actor="test")

        return register

    return for_copy


def ends(conn, name):
    parameters = {"events": f"evt_{name}_", "about": f"%{name}%"}
    found = {part: conn.execute(query, parameters).fetchall() for part, query in ENDS.items()}
    return json.loads(json.dumps(found, default=str).replace(name, "NAME"))


@pytest.mark.timeout(120 + SAMPLE)
def test_two_workers_and_any_order_end_as_one_worker_and_the_true_order_do(carry, registers, conn):
    placed = 0
    for number, kind in enumerate(itertools.islice(itertools.cycle(sorted(RULES)), SAMPLE)):
        random = Random(f"{SEED}:{kind}:{number}")
        history = told(kind, random)
        known = random.choice(((), ("transfer",), ("payout",), ("transfer", "payout")))
        true, other = f"h{number}true", f"h{number}other"
        carry([one.event(true) for one in history], registers(true, known))
        shuffled = random.sample(history, len(history)) + random.choices(history, k=random.randint(0, 3))
        at = random.randrange(len(shuffled))
        carry([one.event(other) for one in shuffled], registers(other, known), at=at, hands=2)
        expected, found = ends(conn, true), ends(conn, other)
        for part in ENDS:
            assert found[part] == expected[part], f"{part} of a {kind} differ: {again(number)}\n{history}"
        assert {one["state"] for one in expected["events"]} <= {"processed", "ignored"}
        placed += bool(expected["facts"])
    assert placed > SAMPLE * 0.9 >= FEWEST_HERE * 0.9, "too few were more than orphans"


@pytest.mark.skipif(not recorded.FOLDER.is_dir(), reason="the collection of real payloads is not here")
def test_real_payloads_in_any_order_come_to_what_their_facts_amount_to(carry, conn):
    random = Random(SEED)
    events = [one for one in recorded.events() if placed_event(one).fact.kind not in {"transfer", "payout"}]
    carry(random.sample(events, len(events)), lambda: None, hands=2)
    query = "SELECT kind, subject_id, account, status, state, needs_refetch FROM subjects"
    found = {(row.pop("kind"), row.pop("subject_id"), row.pop("account")): row for row in conn.execute(query)}
    folds = {key: fold(facts) for key, facts in recorded.histories().items() if key[0] not in {"transfer", "payout"}}
    assert found == {
        key: {"status": folded.status, "state": folded.state, "needs_refetch": folded.needs_refetch}
        for key, folded in folds.items()
    }


@pytest.mark.parametrize("order", [("evt_a", "evt_b"), ("evt_b", "evt_a")])
def test_two_events_of_one_change_are_told_once_though_the_first_was_delivered(
    inbox, processor, registers, conn, order
):
    registers("twins", ())()
    one = {"data.object.metadata": {"payout_id": "owed-twins"}, "data.object.destination": "acct_twins"}
    for name in order:
        made = event("basil/transfer.created", id=name, **one)
        assert processor.process(inbox.keep(arrival(made), nudged=True).row_id) == "processed"
        conn.execute("UPDATE notices SET delivered_at = now() WHERE delivered_at IS NULL")
    told_of = conn.execute("SELECT count(*) AS n FROM notices WHERE kind = 'payout:status_updated'").fetchone()
    assert told_of["n"] == 1
