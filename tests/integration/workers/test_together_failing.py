"""Many events in one message, where something fails after the commit, or leaves no time for the rest."""

import dataclasses

import pytest

from tests.factories.arrivals import arrival, subscription_event
from workers import metrics, work
from workers.observers import Observers


@pytest.fixture
def keep(inbox):
    def keep(**changes):
        return inbox.keep(arrival(subscription_event(**changes)), nudged=True).row_id

    return keep


def attempts(conn):
    return conn.execute("SELECT event_row, outcome, error_code FROM attempts ORDER BY event_row, fence").fetchall()


class _Loud(Observers):
    """Raises in the worker's own thread, as no observer can: a fault of ours in telling them."""

    def __init__(self):
        super().__init__()

    def processed(self, claim, state, reason):
        raise RuntimeError("told after the commit")

    failed = processed


def test_an_error_in_telling_of_what_is_committed_changes_no_outcome(keep, processor, conn):
    rows = [keep() for _ in range(3)]
    broken = keep(object={"status": "dormant"})
    loud = dataclasses.replace(processor, observers=_Loud())
    assert loud.carry([*rows, broken]) == dict.fromkeys(rows, "processed") | {broken: "dead"}
    assert loud.process(keep()) == "processed"
    assert [one["outcome"] for one in attempts(conn)] == ["processed"] * 3 + ["dead", "processed"]


def test_what_cannot_begin_in_time_after_many_failed_together_is_given_back(keep, processor, conn, monkeypatch):
    rows, now, do = [keep() for _ in range(5)], [0.0], work.do

    def slow(conn, works):
        if len(works) > 1:
            raise KeyError("a fault that shows in the transaction only")
        now[0] += 1.5
        return do(conn, works)

    monkeypatch.setattr(work, "do", slow)
    patient = dataclasses.replace(processor, clock=lambda: now[0])
    assert list(patient.carry(rows).values()) == ["processed"] * 2 + ["retrying"] * 3
    given_back = [(one["outcome"], one["error_code"]) for one in attempts(conn)[2:]]
    assert given_back == [("retrying", "not_begun")] * 3


def test_of_one_subjects_customers_the_last_of_a_message_stays(keep, processor, conn):
    def customers(name, carry):
        told = [{"id": name, "customer": customer} for customer in ("cus_1", "cus_2", None)]
        carry([keep(object=one) for one in told])
        row = conn.execute("SELECT customer_hash FROM subjects WHERE subject_id = %s", [name]).fetchone()
        return row["customer_hash"]

    one_by_one = customers("sub_alone", lambda rows: [processor.process(row) for row in rows])
    assert one_by_one == customers("sub_together", processor.carry)


def test_an_unseen_api_version_counts_an_event_once_however_often_it_is_tried(keep, processor, conn):
    def counted():
        (metric,) = metrics.UNSEEN_VERSIONS.collect()
        return next(sample.value for sample in metric.samples if sample.name.endswith("_total"))

    before, row = counted(), keep(api_version="2031-03-01.zinnia")
    for _ in range(3):
        conn.execute("UPDATE events SET state = 'retrying', settled_at = NULL WHERE id = %s", [row])
        assert processor.process(row) == "processed"
    assert counted() == before + 1
