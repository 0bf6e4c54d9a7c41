"""Whatever a bug of billing leaves, danger is written down when it is reported, and told when it can be."""

import pytest

from shared import access_changes, crises, crypto, emergency
from shared.crises import Report
from shared.crisis_notes import Note
from shared.emergency import Terms
from shared.errors import NotFound
from shared.rules.emergency import EmergencyRule
from tests.integration.conftest import LOOKUP_KEY


@pytest.fixture
def spoil(conn):
    return lambda: conn.execute("UPDATE subjects SET state = state - 'status'")


@pytest.fixture
def mend(conn):
    return lambda: conn.execute("""UPDATE subjects SET state = state || '{"status": "active"}'""")


@pytest.fixture
def begin(pool, policy):
    def begin(severity="severe", user_id="p"):
        with pool.transaction() as own:
            return crises.begin(own, Report(user_id, "button", severity), actor="p", policy=policy)

    return begin


@pytest.fixture
def is_due(conn):
    return lambda: conn.execute("SELECT changes_at <= now() AS is_due FROM access_told").fetchone()["is_due"]


def test_they_stop_no_crisis_and_it_is_told_when_they_can_be_read(
    link, subscribed, spoil, mend, begin, pool, policy, conn, owed
):
    subscribed(("active", 30))
    link()
    spoil()
    assert (begin().is_new, begin("imminent").severity) == (True, "imminent")
    held = conn.execute("SELECT access_level, tier FROM crises").fetchone()
    assert held == {"access_level": "full", "tier": "none"}
    assert [data["severity"] for _, data in owed("crisis:activated")] == ["severe", "imminent"]
    told = len(owed("access:updated"))
    mend()
    assert access_changes.refresh_due(pool, policy) == 1, "beat tells what could not be told"
    assert len(owed("access:updated")) == told + 1


def test_they_keep_no_crisis_open(link, subscribed, spoil, mend, begin, pool, policy, private_key):
    subscribed(("active", 30))
    link()
    opened = begin()
    spoil()
    with pool.transaction() as own:
        note = Note("over", crypto.public_key_of(private_key))
        assert crises.resolve(own, opened.crisis_id, note, actor="clinician:1", policy=policy).resolved_at
    mend()
    assert access_changes.refresh_due(pool, policy) == 1


def test_they_stop_no_emergency_access(link, subscribed, spoil, pool, policy, is_due):
    terms = Terms(policy=policy, rule=EmergencyRule(), lookup_key=LOOKUP_KEY)
    subscribed(("active", 30))
    link()
    spoil()
    with pool.transaction() as own:
        assert emergency.begin(own, "p", "payment_failure", actor="p", terms=terms).level == "full"
        code = emergency.issue_code(own, "p", actor="clinician:1", terms=terms, level="essential").code
        assert emergency.redeem(own, "p", code, actor="p", terms=terms).level == "full"
    assert is_due()


def test_they_keep_nobody_from_becoming_known(link, subscribed, spoil, is_due):
    subscribed(("active", 30))
    spoil()
    assert link().is_new
    assert is_due()


def test_what_the_database_refuses_to_be_told_stops_no_crisis(link, begin, conn, is_due):
    link()
    conn.execute("ALTER TABLE access_told ADD CHECK (version < 2) NOT VALID")
    assert begin().is_new
    assert is_due()
    assert conn.execute("SELECT version FROM access_told").fetchone()["version"] == 1


def test_a_report_about_nobody_is_still_refused(begin):
    with pytest.raises(NotFound):
        begin(user_id="nobody")
