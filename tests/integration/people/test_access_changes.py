"""Each change of a person's access is told once, by whatever it came: an event, a crisis, or time alone."""

from concurrent.futures import ThreadPoolExecutor

from shared import access, access_alarm, access_changes, crises
from shared.crises import Report
from shared.rules.grace import GracePolicy
from shared.rules.standing import Policy
from shared.rules.tiers import BASE


def refresh(pool, policy):
    with pool.transaction() as own:
        return access_changes.refresh(own, ["p"], policy)


def test_nothing_is_told_where_nothing_has_changed(link, subscribed, pool, policy, owed):
    subscribed(("active", 30))
    link()
    assert refresh(pool, policy) == []
    assert len(owed("access:updated")) == 1


def test_grace_that_has_ended_is_told_without_an_event(link, subscribed, pool, policy, audited, owed, conn):
    subscribed(("active", 30), ("past_due", 2))
    link()
    assert audited("grace.") == ["grace.started"]
    conn.execute("UPDATE access_told SET changes_at = now()")  # as when the look has come that a link asks for
    refresh(pool, policy)
    until = conn.execute("SELECT grace_until, changes_at FROM access_told").fetchone()
    assert until["grace_until"] == until["changes_at"]
    assert access_changes.refresh_due(pool, policy) == 0
    conn.execute("UPDATE transitions SET occurred_at = occurred_at - interval '6 days' WHERE to_status = 'past_due'")
    conn.execute("UPDATE access_told SET changes_at = now()")
    assert access_changes.refresh_due(pool, policy) == 1
    assert access_changes.refresh_due(pool, policy) == 0
    assert audited("grace.") == ["grace.started", "grace.ended"]
    assert [data["accessLevel"] for _, data in owed("access:updated")] == ["full", "essential"]


def test_two_beats_at_once_tell_it_once(link, subscribed, pool, policy, owed, conn):
    subscribed(("active", 30), ("past_due", 8))
    link()
    conn.execute("""UPDATE access_told SET told = told || '{"accessLevel": "none"}', changes_at = now()""")
    with ThreadPoolExecutor(4) as threads:
        changed = list(threads.map(lambda _: access_changes.refresh_due(pool, policy), range(4)))
    assert sum(changed) == 1
    assert len(owed("access:updated")) == 2


def test_reading_needs_no_beat(link, subscribed, pool, policy, conn):
    """Whoever asks after the end gets what is true, though nobody told it."""
    subscribed(("active", 30), ("past_due", 2))
    link()
    conn.execute("UPDATE transitions SET occurred_at = occurred_at - interval '6 days' WHERE to_status = 'past_due'")
    with pool.transaction() as own:
        assert access.read(own, "p").decide(policy).level == "essential"


def test_grace_is_held_by_a_crisis_and_goes_on_after_it(link, subscribed, pool, policy, conn):
    subscribed(("active", 90), ("past_due", 6))
    link()
    with pool.transaction() as own:
        opened = crises.begin(own, Report("p", "button", "severe"), actor="p", policy=policy)
    conn.execute("UPDATE transitions SET occurred_at = occurred_at - interval '3 days' WHERE to_status = 'past_due'")
    conn.execute("UPDATE crises SET opened_at = opened_at - interval '3 days'")
    refresh(pool, policy)
    assert conn.execute("SELECT grace_until = 'infinity' AS held FROM access_told").fetchone()["held"]
    with pool.transaction() as own:
        found = access.read(own, "p").decide(policy)
        strict = access.read(own, "p").decide(Policy(grace=GracePolicy(in_crisis="preserve")))
    assert (found.grace_is_active, found.grace.ends_at, strict.grace_is_active) == (True, None, False)
    assert strict.level == "full", "a crisis keeps the level it found"
    conn.execute("UPDATE crises SET resolved_at = now() WHERE id = %s", [opened.crisis_id])
    with pool.transaction() as own:
        reading = access.read(own, "p")
    left = reading.decide(policy).grace.ends_at - reading.at
    assert 71 < left.total_seconds() / 3600 <= 72


def test_a_payment_in_the_person_s_grace_can_be_told_by_the_door(link, subscribed, conn):
    """The column that `keep` may look at to choose the lane."""
    subscribed(("active", 30), ("past_due", 2))
    link()
    assert conn.execute("SELECT grace_until > now() AS is_in_grace FROM access_told").fetchone()["is_in_grace"]


def hashes(conn):
    return [row["customer_hash"] for row in conn.execute("SELECT customer_hash FROM customers")]


def test_the_people_behind_customers_are_marked_with_the_change_and_told_after_it(link, subscribed, pool, policy, conn):
    link()
    subscribed(("active", 30))
    with pool.transaction() as own:
        marked = access_changes.mark_customers(own, [*hashes(conn), *hashes(conn), None, b"nobody"])
    assert marked == ["p"]
    assert access_changes.refresh_each(pool, marked, policy) == 1
    with pool.transaction() as own:
        assert access_changes.mark_customers(own, [None]) == []
    assert access_changes.refresh_due(pool, policy) == 0


def test_whose_access_cannot_be_told_costs_the_others_nothing(link, subscribed, pool, policy, conn, owed):
    for name in ("a", "b", "c"):
        link(name, customer=f"cus_{name}")
        subscribed(("active", 30), customer=f"cus_{name}")
    conn.execute("ALTER TABLE access_told ADD CHECK (user_id <> 'b' OR told = '{}') NOT VALID")
    assert access_changes.refresh_each(pool, ["a", "b", "c"], policy) == 2
    assert sorted(data["userId"] for _, data in owed("access:updated") if data["tier"] == "premium") == ["a", "c"]


def test_a_worker_that_dies_before_it_told_leaves_that_to_beat(link, subscribed, pool, policy, conn, owed):
    link()
    subscribed(("active", 30))
    with pool.transaction() as own:
        access_changes.mark_customers(own, hashes(conn))
    assert access_changes.refresh_due(pool, policy) == 1
    assert [data["tier"] for _, data in owed("access:updated")] == ["none", "premium"]


def test_one_person_who_cannot_be_told_does_not_hold_up_the_others(link, subscribed, pool, policy, conn, owed):
    link()
    subscribed(("active", 30))
    link("q", customer="cus_2")
    subscribed(("active", 30), customer="cus_2")
    conn.execute("UPDATE subjects SET state = state - 'status' WHERE subject_id = 'sub_1'")
    conn.execute("UPDATE access_told SET changes_at = now()")
    assert access_changes.refresh_due(pool, policy) == 1
    assert owed("access:updated")[-1][0] == "person:q"


def test_those_who_can_never_be_told_starve_nobody(link, subscribed, pool, policy, conn, owed):
    link()
    subscribed(("active", 30))
    link("q", customer="cus_2")
    subscribed(("active", 30), customer="cus_2")
    conn.execute("UPDATE subjects SET state = state - 'status' WHERE subject_id = 'sub_1'")
    conn.execute("UPDATE access_told SET changes_at = now() - make_interval(mins => 1 + (user_id = 'p')::int)")
    told = sum(access_changes.refresh_due(pool, policy, most=1) for _ in range(2))
    assert (told, owed("access:updated")[-1][0]) == (1, "person:q")
    assert access_changes.refresh_due(pool, policy) == 0
    looked = "SELECT changes_at > now() AS is_later FROM access_told WHERE user_id = 'p'"
    assert conn.execute(looked).fetchone()["is_later"], "it is tried again"


def test_a_change_told_meanwhile_leaves_the_look_that_was_asked_for(link, subscribed, pool, policy, conn):
    link()
    subscribed(("active", 30), ("past_due", 2))
    assert len(refresh(pool, policy)) == 1
    planned = "SELECT changes_at < now() + interval '1 day' AS is_soon FROM access_told"
    assert conn.execute(planned).fetchone()["is_soon"]
    conn.execute("UPDATE access_told SET changes_at = now()")
    assert refresh(pool, policy) == []
    assert not conn.execute(planned).fetchone()["is_soon"], "once it has come it is over"


def test_an_answer_that_withholds_help_is_raised(link, pool, policy, audited, owed, conn):
    link()
    with pool.transaction() as own:
        crises.begin(own, Report("p", "button", "severe"), actor="p", policy=policy)
    assert audited("access.violation") == []
    conn.execute("UPDATE crises SET resolved_at = now()")
    with pool.transaction() as own:
        calm = access.read(own, "p").decide(policy)
    conn.execute("UPDATE crises SET resolved_at = NULL")
    before = access_alarm.VIOLATIONS._value.get()
    with pool.transaction() as own:
        assert access_alarm.check(own, "p", calm) == ("emergency_features_off", "advanced_crisis_missing")
    assert audited("access.violation") == ["access.violation"]
    assert [to for to, _ in owed("safety:violation")] == ["staff"]
    assert access_alarm.VIOLATIONS._value.get() == before + 1
    assert set(BASE) <= set(calm.features)


def test_a_price_without_a_tier_is_raised_once(link, subscribed, pool, policy, owed):
    subscribed(("active", 30), tier="gold")
    link()
    subscribed(("active", 20), tier="gold")
    refresh(pool, policy)
    assert len(owed("price:unmapped")) == 1


def test_an_event_carried_while_its_person_was_linked_is_told_a_little_later(
    link, subscribed, pool, policy, conn, owed
):
    link()
    subscribed(("active", 30))  # as if committed in the same moment: neither had seen the other
    assert access_changes.refresh_due(pool, policy) == 0
    looked = (
        "UPDATE access_told SET changes_at = changes_at - interval '61 seconds' RETURNING changes_at < now() AS due"
    )
    assert conn.execute(looked).fetchone()["due"]
    assert access_changes.refresh_due(pool, policy) == 1
    assert [data["accessLevel"] for _, data in owed("access:updated")] == ["essential", "full"]
    assert access_changes.refresh_due(pool, policy) == 0
