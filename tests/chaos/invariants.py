"""What must hold after every fault, however it was injected: each statement finds what breaks it, so nothing is good.

The names I1 … are those of the fault matrix in docs/fault-matrix.md.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schemas import catalog
from schemas.facts import from_json
from shared.rules.fold import fold
from shared.rules.history import Placed

BREACHES = {
    "I2 an event is in no final state": """
        SELECT event_id, state FROM events
        WHERE settled_at IS NULL OR state NOT IN ('processed', 'ignored', 'dead')""",
    "I3 a fact stands twice, or for what was not processed": """
        SELECT event_id, state, count(cause) AS facts FROM events LEFT JOIN facts ON event_row = events.id
        GROUP BY events.id HAVING count(cause) <> (state = 'processed')::int""",
    "I3 a cause is placed twice in one subject": """
        SELECT subject_row, cause FROM facts GROUP BY subject_row, cause HAVING count(*) > 1""",
    "I4 the attempts are not the claims that were counted": """
        SELECT event_id, events.fence, count(attempts.fence) AS attempts
        FROM events LEFT JOIN attempts ON event_row = events.id
        GROUP BY events.id HAVING count(attempts.fence) <> events.fence""",
    "I4 the attempts are no path from receipt to the final state": """
        SELECT event_id, told.fence, told.series, told.number, told.outcome, told.before
        FROM events JOIN (
            SELECT *, row_number() OVER claims AS place, lag(outcome) OVER claims AS before,
                lag(series) OVER claims AS series_before, lag(number) OVER claims AS number_before,
                lead(fence) OVER claims AS following
            FROM attempts WINDOW claims AS (PARTITION BY event_row ORDER BY fence)
        ) AS told ON told.event_row = events.id
        WHERE told.fence <> place OR told.outcome IS NULL OR told.ended_at IS NULL
            OR (place = 1 AND told.number <> 1)
            OR (following IS NULL AND told.outcome <> events.state)
            OR (told.series = series_before AND (before <> 'retrying' OR told.number <> number_before + 1))
            OR (told.series <> series_before AND (before = 'retrying' OR told.number <> 1))""",
    "I4 a subject's transitions have gaps or do not join": """
        SELECT subject_row, position FROM (
            SELECT *, row_number() OVER steps AS place, lag(to_status) OVER steps AS before
            FROM transitions WINDOW steps AS (PARTITION BY subject_row ORDER BY position)
        ) AS told WHERE position <> place OR from_status IS DISTINCT FROM before""",
    "I6 an audit record is neither linked nor waits for its link": """
        SELECT audit.id FROM audit
        LEFT JOIN audit_links ON audit_links.audit_id = audit.id
        LEFT JOIN audit_unsealed ON audit_unsealed.audit_id = audit.id
        WHERE audit_links.audit_id IS NULL AND audit_unsealed.audit_id IS NULL""",
    "I6 the audit trail's chain has a gap": """
        SELECT position FROM (SELECT position, row_number() OVER (ORDER BY position) AS place FROM audit_links) AS told
        WHERE position <> place""",
    "I9 two rows have one identity": """
        SELECT event_id FROM events GROUP BY event_id, account, livemode HAVING count(*) > 1""",
    "I12 a dead letter has no reason": """
        SELECT event_id FROM events WHERE state = 'dead' AND (reason_class IS NULL OR reason_code IS NULL)""",
    "the audit trail does not tell each death once": """
        SELECT event_id, deaths, told FROM events,
            LATERAL (SELECT count(*) AS deaths FROM attempts WHERE event_row = events.id AND outcome = 'dead') AS died,
            LATERAL (
                SELECT count(*) AS told FROM audit
                WHERE act = 'event.dead' AND object = 'event:' || event_id || '#' || events.id
            ) AS audited
        WHERE deaths <> told""",
}

COUNTS = """
    SELECT count(*) AS kept,
        count(*) FILTER (WHERE event_id = ANY(%(acked)s)) AS acked_kept,
        count(*) FILTER (WHERE event_id = ANY(%(acked)s) AND settled_at IS NOT NULL) AS acked_ended,
        count(*) FILTER (WHERE event_id = ANY(%(acked)s) AND state = 'dead') AS dead
    FROM events"""

FACTS = "SELECT id, subject_row, cause, type, occurred_at, data, previous FROM facts"
SUBJECTS = "SELECT id, kind, status FROM subjects"
TRANSITIONS = "SELECT subject_row, fact_id, from_status, to_status FROM transitions ORDER BY subject_row, position"


@dataclass(frozen=True, slots=True)
class Counts:
    """As Jepsen counts a queue: what the client tried, what it was promised, what came of it."""

    attempted: int
    acked: int
    ended: int
    lost: int
    dead: int

    def __str__(self):
        told = f"{self.attempted} attempted, {self.acked} acked, {self.ended} ended, {self.lost} lost, 0 doubled"
        return told + (f", {self.dead} dead" if self.dead else "")


def hold(conn, *, attempted: AbstractSet[str], acked: AbstractSet[str]) -> Counts:
    """Assert all of them; the counts of what this client sent."""
    for breach, statement in BREACHES.items():
        found = conn.execute(statement + " LIMIT 5").fetchall()
        assert found == [], breach
    assert states_that_their_facts_do_not_give(conn) == []
    counted = conn.execute(COUNTS, {"acked": list(acked)}).fetchone()
    assert counted["acked_kept"] == len(acked), "I1 an event was answered 200 and is not here"
    lost = len(acked) - counted["acked_ended"]
    return Counts(len(attempted), len(acked), counted["acked_ended"], lost, counted["dead"])


def states_that_their_facts_do_not_give(conn):
    """Whatever the order of arrival was: each subject's state and transitions are what its facts in true order give."""
    subjects = {row["id"]: row for row in conn.execute(SUBJECTS)}
    facts, moves = ({row: [] for row in subjects} for _ in range(2))
    for row in conn.execute(FACTS):
        facts[row["subject_row"]].append(row)
    for row in conn.execute(TRANSITIONS):
        moves[row["subject_row"]].append((row["fact_id"], row["from_status"], row["to_status"]))
    return [row for row, subject in subjects.items() if not agrees(subject, facts[row], moves[row])]


def agrees(subject, facts, moves):
    folded = fold(placed(subject["kind"], row) for row in facts)
    ids = {row["cause"]: row["id"] for row in facts}
    expected = [(ids[step.cause], step.from_status, step.to_status) for step in folded.steps if step.moved]
    return (folded.status, expected) == (subject["status"], moves)


def placed(kind, row):
    return Placed(
        cause=row["cause"],
        type=row["type"],
        rank=catalog.known(row["type"]).rank,
        occurred_at=row["occurred_at"],
        fact=from_json(kind, row["data"]),
        previous=row["previous"],
    )
