"""Which commits wait for the disk: all that tell of something, none that a crash may take back unnoticed."""

import pytest

from shared import access_changes
from tests.factories.arrivals import arrival
from workers import ledger


@pytest.fixture
def commits(conn):
    """Notes at each commit that touched the table whether it waits for the disk."""

    def watch(table):
        conn.execute("CREATE TABLE commits (waits boolean)")
        conn.execute(
            """
            CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO commits VALUES (current_setting('synchronous_commit') <> 'off');
                RETURN NULL;
            END $$
            """
        )
        conn.execute(
            f"""
            CREATE CONSTRAINT TRIGGER commits AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION note_commit()
            """
        )
        return lambda: [row["waits"] for row in conn.execute("SELECT waits FROM commits")]

    return watch


def test_a_claim_does_not_wait_and_the_end_of_its_work_does(inbox, processor, commits):
    kept, waited = inbox.keep(arrival(), nudged=True), commits("attempts")
    assert processor.process(kept.row_id) == "processed"
    assert waited() == [False, True]


def test_a_failure_that_is_noted_waits(inbox, processor, commits, conn):
    kept, waited = inbox.keep(arrival(), nudged=True), commits("attempts")
    conn.execute("ALTER TABLE facts ADD CHECK (false) NOT VALID")
    assert processor.process(kept.row_id) == "retrying"
    assert waited() == [False, True]


def test_what_follows_on_the_connection_of_a_claim_waits_again(inbox, pool, conn):
    kept = inbox.keep(arrival(), nudged=True)
    with pool.statement() as own:
        (claim,) = ledger.claim(own, [kept.row_id], worker="test", lease_seconds=30)
        assert own.execute("SHOW synchronous_commit").fetchone() == {"synchronous_commit": "on"}
    assert claim.attempt == 1


def test_telling_of_a_person_waits_only_where_something_has_changed(pool, processor, commits, conn):
    waited = commits("access_told")
    conn.execute("INSERT INTO people (user_id) VALUES ('p'), ('q')")
    assert access_changes.refresh_each(pool, ["p"], processor.access_policy) == 1
    assert access_changes.refresh_each(pool, ["p"], processor.access_policy) == 0
    assert access_changes.refresh_each(pool, ["p", "q"], processor.access_policy) == 1
    assert waited().count(False) == 1, "the one where nothing had changed"
