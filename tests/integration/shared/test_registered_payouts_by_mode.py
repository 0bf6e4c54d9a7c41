"""The migration that gives registered payouts a mode keeps what was registered, linked, waiting and owed before."""

import secrets
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from tests.servers import admin, url

FOLDER = Path(__file__).parents[3] / "shared" / "sql" / "migrations"
THIS = "0004_registered_payouts_by_mode.sql"


@pytest.fixture
def before(postgres_port):
    """A database as it was just before."""
    name = f"before_{secrets.token_hex(6)}"
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(url(postgres_port, name), autocommit=True, row_factory=dict_row) as conn:
        for path in sorted(FOLDER.glob("*.sql")):
            if path.name < THIS:
                conn.execute(path.read_bytes())
        yield conn
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def payout(before):
    def register(name, followed_in=None):
        before.execute("INSERT INTO payouts VALUES (%s, 'creator-1', 'acct_1', 4500, 'usd')", [name])
        before.execute("INSERT INTO payout_links VALUES (%s, %s)", [f"owed_payout:metadata:{name}@acct_1", name])
        if followed_in is not None:
            before.execute(
                "INSERT INTO subjects (kind, subject_id, account, livemode) VALUES ('owed_payout', %s, 'acct_1', %s)",
                [name, followed_in],
            )

    return register


def migrate(conn):
    conn.execute((FOLDER / THIS).read_bytes())


def test_a_payout_takes_the_mode_of_what_was_told_of_it_and_else_is_real_money(before, payout):
    for name, followed_in in (("a", True), ("b", False), ("c", None)):
        payout(name, followed_in)
    migrate(before)
    query = "SELECT payout_id, livemode, link FROM payouts JOIN payout_links USING (payout_id, livemode) ORDER BY 1"
    assert [tuple(row.values()) for row in before.execute(query)] == [
        ("a", True, "owed_payout:metadata:a@acct_1/live"),
        ("b", False, "owed_payout:metadata:b@acct_1/test"),
        ("c", True, "owed_payout:metadata:c@acct_1/live"),
    ]
    other_mode = "INSERT INTO payouts (payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency)"
    before.execute(f"{other_mode} VALUES ('a', false, 'creator-1', 'acct_1', 1, 'usd')")


def test_orphans_wait_under_the_new_names(before):
    insert = (
        "INSERT INTO events (event_id, livemode, body_hash, body_bytes, lane, lane_reason, urgency, state,"
        " reason_class, reason_code, settled_at, waits_for)"
        " VALUES (%s, %s, '', 1, 'standard', 'standard', 0, 'ignored', 'ignored', 'orphan', now(), %s)"
    )
    for number, (livemode, wanted) in enumerate(
        [
            (True, ["owed_payout:payout:po_1@acct_1", "owed_payout:metadata:one@acct_1"]),
            (False, ["owed_payout:payout:po_1@acct_1"]),
            (True, ["stripe:api_key"]),
            (None, ["owed_payout:payout:po_1@acct_1"]),
        ]
    ):
        before.execute(insert, [f"evt_{number}", livemode, wanted])
    migrate(before)
    assert [row["waits_for"] for row in before.execute("SELECT waits_for FROM events ORDER BY id")] == [
        ["owed_payout:payout:po_1@acct_1/live", "owed_payout:metadata:one@acct_1/live"],
        ["owed_payout:payout:po_1@acct_1/test"],
        ["stripe:api_key"],
        ["owed_payout:payout:po_1@acct_1"],
    ]


def test_notices_are_about_a_subject_in_its_mode_so_that_they_can_be_taken_back(before, payout):
    payout("a", followed_in=False)
    for about in ("owed_payout:a", "owed_payout:gone", None):
        before.execute(
            "INSERT INTO notices (cause, kind, recipient, data, about) VALUES (%s, 'k', 'staff', '{}', %s)",
            [f"of {about}", about],
        )
    migrate(before)
    told = [row["about"] for row in before.execute("SELECT about FROM notices ORDER BY id")]
    assert told == ["owed_payout:a@acct_1/test", "owed_payout:gone", None]
