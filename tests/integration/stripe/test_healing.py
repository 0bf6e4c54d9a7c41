"""What was lost, doubled, shuffled or never made ends as if nothing had happened."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from ingress.cli.simulator.courier import Troubles, deliveries
from shared import stripe_cursors, stripe_desk
from tests.factories import stripe_lives
from tests.factories.stripe_lives import START

STATES = """
    SELECT kind, subject_id, account, status, state - 'as_of' - 'status_since' - 'paid_at' AS state FROM subjects
    ORDER BY kind, subject_id, account"""
# Everything that was computed, where no event is missing: the facts are the same, so are all that follows from them.
HISTORIES = """
    SELECT kind, subject_id, account, state, position, transitions.from_status, to_status, occurred_at
    FROM subjects JOIN transitions ON transitions.subject_row = subjects.id
    ORDER BY kind, subject_id, account, position"""


def heal(receiver, api, now):
    """Backfill of every list, then reconciliation of all; the two reports."""
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    begin = datetime.fromtimestamp(START - 60, UTC)
    found = Counter()
    with receiver.pool.transaction() as conn:
        accounts = stripe_cursors.accounts(conn)
    for account in [None, *accounts]:
        for page in filler.read(account, now=now, begin=begin):
            found[page.phase] += page.brought
    receiver.carry()
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test")
    last = None
    for last in run.steps(now=now):  # noqa: B007 - the last one holds the whole report
        pass
    receiver.carry()
    return found, dict(last.total)


@pytest.mark.parametrize(
    "events", [700, pytest.param(10_000, marks=[pytest.mark.chaos_long, pytest.mark.timeout(900)])]
)
def test_a_disturbed_run_ends_as_an_undisturbed_one(receiver_of, world, clock, api, events):
    stripe_lives.live(world, clock, events=events, seed=8, step_seconds=3600 * 24 / events * 5)
    calm, disturbed = receiver_of(), receiver_of()
    calm.keep([one.event for one in deliveries(world.told, Troubles(), Random(1))])
    calm.carry()
    middle = START + (clock.now - START) / 2
    troubles = Troubles(
        lost=0.01, duplicated=0.05, shuffled_seconds=86_400, down=(middle, middle + 600), tries_after=()
    )
    disturbed.keep([one.event for one in deliveries(world.told, troubles, Random(2))])
    disturbed.carry()
    assert disturbed.query(STATES) != calm.query(STATES)
    clock.now += 86_400
    found, report = heal(disturbed, api, datetime.fromtimestamp(clock.now, UTC))
    assert disturbed.query(STATES) == calm.query(STATES)
    assert disturbed.query(HISTORIES) == calm.query(HISTORIES)
