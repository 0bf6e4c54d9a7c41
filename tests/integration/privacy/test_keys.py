"""A sealed body that was touched is a dead letter that is raised; one sealed for somebody else waits for its key."""

import pytest

from shared import crypto, key_rotation
from shared.bulk_acts import Mandate
from shared.inbox import Inbox
from tests.factories.arrivals import arrival, subscription_event
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.privacy.conftest import text

CHANGED_PLACES = """
    UPDATE event_bodies AS one SET nonce = other.nonce, sealed = other.sealed
    FROM event_bodies AS other WHERE other.event_row <> one.event_row
"""
MANDATE = Mandate("cli:ada", "yearly rotation")


def rows(conn, query, *parameters):
    return conn.execute(query, parameters).fetchall()


def raised(conn):
    audited = rows(conn, "SELECT after ->> 'code' AS code FROM audit WHERE act = 'event.dead' ORDER BY id")
    noticed = rows(conn, "SELECT data ->> 'code' AS code FROM notices WHERE kind = 'dead_letter:created' ORDER BY id")
    assert audited == noticed
    return [row["code"] for row in audited]


@pytest.mark.parametrize(
    "touched",
    [
        "UPDATE event_bodies SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
        "UPDATE event_bodies SET nonce = set_byte(nonce, 0, get_byte(nonce, 0) # 1)",
        CHANGED_PLACES,
        "UPDATE data_keys SET wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)",
        "DELETE FROM data_keys",
    ],
    ids=["a flipped bit", "a changed nonce", "bodies that changed places", "a changed key", "a lost key"],
)
def test_a_body_that_was_touched_is_a_dead_letter_that_is_raised(inbox, processor, conn, touched):
    kept = [inbox.keep(arrival(subscription_event()), nudged=True) for _ in range(2)]
    conn.execute(touched)
    assert [processor.process(one.row_id) for one in kept] == ["dead", "dead"]
    assert raised(conn) == ["integrity", "integrity"]
    assert rows(conn, "SELECT count(*) AS n FROM facts") == [{"n": 0}]


def test_a_body_whose_readers_key_is_elsewhere_waits_and_is_carried_when_that_is_here(
    inbox, processor, reading_as, later_key, conn
):
    kept = inbox.keep(arrival(subscription_event()), nudged=True)
    assert reading_as(later_key).process(kept.row_id) == "retrying"
    (attempt,) = rows(conn, "SELECT error_code, message FROM attempts")
    assert attempt["error_code"] == "key_not_here"
    assert crypto.fingerprint(crypto.public_key_of(later_key)) in attempt["message"]
    conn.execute("UPDATE events SET next_attempt_at = now()")
    assert processor.process(kept.row_id) == "processed"


@pytest.fixture
def many(pool, private_key, conn):
    """Events under 250 data keys, as hours of several doors leave them."""
    kept = []
    for _ in range(2):
        inbox = Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)
        kept.append(inbox.keep(arrival(subscription_event()), nudged=True))
    with pool.transaction() as own:
        for _ in range(248):
            key = crypto.new_data_key(crypto.public_key_of(private_key))
            own.execute(
                "INSERT INTO data_keys (id, wrapped, recipient) VALUES (%s, %s, %s)",
                [key.id, key.wrapped, key.recipient],
            )
    return kept


def recipients(conn):
    return {
        row["recipient"]: row["n"] for row in rows(conn, "SELECT recipient, count(*) AS n FROM data_keys GROUP BY 1")
    }


def test_a_rotation_that_was_stopped_goes_on_where_it_was_and_all_opens_at_every_moment(
    many, pool, private_key, later_key, reading_as, conn
):
    earlier, later = (crypto.fingerprint(crypto.public_key_of(key)) for key in (private_key, later_key))
    with pool.transaction() as own:
        planned = key_rotation.plan(own, later_key, [private_key])
    assert planned.waiting == 250
    stopped = key_rotation.rotate(pool.transaction, planned, MANDATE)
    assert next(stopped).wrapped == 100
    stopped.close()
    assert recipients(conn) == {earlier: 150, later: 100}
    assert reading_as(later_key, private_key).process(many[0].row_id) == "processed"
    with pool.transaction() as own:
        planned = key_rotation.plan(own, later_key, [private_key])
    assert sum(batch.wrapped for batch in key_rotation.rotate(pool.transaction, planned, MANDATE)) == 150
    assert recipients(conn) == {later: 250}
    assert reading_as(later_key).process(many[1].row_id) == "processed"
    audited = rows(
        conn, "SELECT actor, reason, (after ->> 'wrapped')::int AS n FROM audit WHERE act = 'keys.rewrapped'"
    )
    assert sum(row["n"] for row in audited) == 250
    assert {(row["actor"], row["reason"]) for row in audited} == {("cli:ada", "yearly rotation")}


def test_the_command_rotates_wakes_what_waited_and_tells_of_keys_that_nobody_here_opens(
    inbox, carelane, reading_as, private_key, later_key, conn
):
    kept = inbox.keep(arrival(subscription_event()), nudged=True)
    assert reading_as(later_key).process(kept.row_id) == "retrying"
    settings = {"CARELANE_UNSEAL_PRIVATE_KEY": text(later_key)}
    lost = carelane("keys", "rotate", "--reason", "rotation", **settings)
    assert lost.exit_code == 1
    assert "CARELANE_UNSEAL_EARLIER_KEYS" in lost.stderr
    settings["CARELANE_UNSEAL_EARLIER_KEYS"] = text(private_key)
    assert carelane("keys", "rotate", **settings).exit_code == 2
    assert carelane("keys", "rotate", "--dry-run", **settings).exit_code == 0
    assert crypto.fingerprint(crypto.public_key_of(private_key)) in recipients(conn)
    done = carelane("keys", "rotate", "--reason", "rotation", **settings)
    assert (done.exit_code, done.stdout) == (0, "1 data keys are wrapped anew.\n")
    assert reading_as(later_key).process(kept.row_id) == "processed"


def test_a_key_that_was_changed_holds_up_no_other(many, carelane, private_key, later_key, conn):
    conn.execute(
        "UPDATE data_keys SET wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1) "
        "WHERE id = (SELECT min(id::text)::uuid FROM data_keys)"
    )
    settings = {"CARELANE_UNSEAL_PRIVATE_KEY": text(later_key), "CARELANE_UNSEAL_EARLIER_KEYS": text(private_key)}
    done = carelane("keys", "rotate", "--reason", "rotation", **settings)
    assert done.exit_code == 1
    assert "1 data keys were changed" in done.stderr
    assert sorted(recipients(conn).values()) == [1, 249]


def test_a_new_pair_fits_the_settings_and_itself(carelane):
    pair = dict(line.split("=", 1) for line in carelane("keys", "new").stdout.splitlines())
    told = carelane("keys", "show", **pair)
    assert told.exit_code == 0
    fingerprints = {line.split()[-1] for line in told.stdout.splitlines()}
    assert len(fingerprints) == 1
    assert not any(value in told.stdout for value in pair.values())
