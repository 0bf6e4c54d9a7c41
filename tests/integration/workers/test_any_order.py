"""The same events in true order by one worker, and shuffled and repeated by two at once: the same ends of all."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from shared import outbox
from shared.rules.fold import fold
from shared.rules.kinds import RULES
from tests.factories import kept_histories, recorded
from tests.factories.arrivals import arrival
from tests.factories.event_histories import told
from tests.factories.events import event
from tests.factories.facts import placed_event
from tests.factories.histories import FEWEST, HISTORIES, SEED, again
from tests.factories.kept_histories import ENDS

FEWEST_HERE = 60
SAMPLE = FEWEST_HERE * HISTORIES // FEWEST


@pytest.fixture
def carry(inbox, processor, conn):
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
        kept_histories.drain(conn, processor, rows)

    return carry


@pytest.fixture
def registers(pool):
    def for_copy(name, known, *, livemode=False):
        return lambda: kept_histories.register(pool, name, known, livemode=livemode)

    return for_copy


@pytest.mark.timeout(120 + SAMPLE)
def test_two_workers_and_any_order_end_as_one_worker_and_the_true_order_do(carry, registers, conn):
    placed = 0
    for number, kind in enumerate(itertools.islice(itertools.cycle(sorted(RULES)), SAMPLE)):
        random = Random(f"{SEED}:{kind}:{number}")
        history = told(kind, random)
        known = random.choice(((), ("transfer",), ("payout",), ("transfer", "payout")))
        true, other, before = f"h{number}true", f"h{number}other", kept_histories.last_of(conn)
        mode = {"livemode": number % 2 == 0}
        carry([one.event(true) | mode for one in history], registers(true, known, **mode))
        shuffled = random.sample(history, len(history)) + random.choices(history, k=random.randint(0, 3))
        at = random.randrange(len(shuffled))
        carry([one.event(other) | mode for one in shuffled], registers(other, known, **mode), at=at, hands=2)
        ends = kept_histories.ends(conn, before)
        expected, found = ends[true], ends[other]
        for part in ENDS:
            assert found[part] == expected[part], f"{part} of a {kind} differ: {again(number)}\n{history}"
        assert {one["state"] for one in expected["events"]} <= {"processed", "ignored"}
        placed += bool(expected["facts"])
    assert placed > SAMPLE * 0.9 >= FEWEST_HERE * 0.9, "too few were more than orphans"


@recorded.needed
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
        outbox.assign_positions(conn)
    told_of = conn.execute("SELECT count(*) AS n FROM notices WHERE kind = 'payout:status_updated'").fetchone()
    assert told_of["n"] == 1
