"""Positions follow the commits, without gaps; who reads on from one misses nothing."""

import threading

from shared import notices, outbox
from shared.notices import About
from shared.rules.telling import Notice
from tests.running import until


def owe(conn, cause, *, recipient="person:p", kind="access:updated"):
    notices.owe(conn, cause=cause, kind=kind, recipient=recipient, data={"cause": cause})


def place(pool, **limits):
    with pool.transaction() as own:
        return outbox.assign_positions(own, **limits)


def read(conn, *recipients, after=0, most=100):
    return [(told.position, told.data["cause"]) for told in outbox.read(conn, recipients, after=after, most=most)]


def test_what_commits_late_is_told_late_and_missed_by_nobody(pool, conn):
    with pool.transaction() as slow:
        owe(slow, "first to begin")
        with pool.transaction() as quick:
            owe(quick, "first to commit")
        place(pool)
        seen = read(conn, "person:p")
    place(pool)
    assert seen == [(1, "first to commit")]
    assert read(conn, "person:p", after=1) == [(2, "first to begin")]


def test_people_in_danger_come_first_out_of_a_backlog(pool, conn):
    for number in range(5):
        owe(conn, f"step {number}")
    owe(conn, "danger", kind="crisis:activated")
    assert [mark.kind for mark in place(pool, most=2)] == ["crisis:activated", "access:updated"]
    place(pool)
    assert [cause for _, cause in read(conn, "person:p")] == ["danger", *(f"step {number}" for number in range(5))]


def test_positions_have_no_gap_though_many_give_them_at_once(pool, conn):
    def owe_and_place(name):
        for number in range(20):
            with pool.transaction() as own:
                owe(own, f"{name}-{number}")
            place(pool)

    threads = [threading.Thread(target=owe_and_place, args=[name]) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place(pool)
    assert [position for position, _ in read(conn, "person:p")] == list(range(1, 61))
    assert outbox.newest(conn) == 60


def test_what_is_being_taken_back_holds_up_what_follows_it_and_nothing_else(pool, conn):
    for key in ("one", "two"):
        told = Notice(key=key, kind="k", recipient="staff", data={"cause": key})
        notices.owe_about(conn, About("payout:1"), told)
    owe(conn, "other", recipient="staff")
    with pool.transaction() as own:
        own.execute("SELECT FROM notices WHERE cause = 'one' FOR UPDATE")
        place(pool)
        assert [cause for _, cause in read(conn, "staff")] == ["other"]
        own.execute("DELETE FROM notices WHERE cause = 'one'")
    place(pool)
    assert read(conn, "staff") == [(1, "other"), (2, "two")]


def test_what_has_its_position_is_not_taken_back(pool, conn):
    about, told = About("payout:1"), Notice(key="one", kind="k", recipient="staff", data={"cause": "one"})
    notices.owe_about(conn, about, told)
    place(pool)
    notices.withdraw_others(conn, about, kind="k", kept=None)
    with pool.transaction() as own:
        notices.tell(own, about, [], kinds=["k"], is_whole=True)
    assert read(conn, "staff") == [(1, "one")]


def test_recipients_are_read_together_in_one_order_a_page_at_a_time(pool, conn):
    for number in range(6):
        owe(conn, str(number), recipient=f"person:{number % 3}")
    place(pool)
    first = read(conn, "person:0", "person:1", most=3)
    rest = read(conn, "person:0", "person:1", after=first[-1][0], most=3)
    assert [cause for _, cause in first + rest] == ["0", "1", "3", "4"]
    assert [told.position for told in outbox.read_all(conn, after=4, most=10)] == [5, 6]


def test_a_reader_who_was_away_for_longer_than_is_kept_can_be_told_so(pool, conn):
    assert outbox.oldest_kept(conn, days=30) == 1
    owe(conn, "old")
    place(pool)
    conn.execute("UPDATE outbox_hours SET hour = hour - interval '40 days'")
    assert outbox.oldest_kept(conn, days=30) == 2
    owe(conn, "new")
    place(pool)
    assert (outbox.oldest_kept(conn, days=30), outbox.oldest_kept(conn, days=60)) == (2, 1)


def test_one_who_waits_for_the_counter_gives_what_the_other_left(pool, conn):
    owe(conn, "one")
    with pool.transaction() as own:
        outbox.assign_positions(own)
        owe(conn, "two")
        waiting = threading.Thread(target=place, args=[pool])
        waiting.start()
        until(lambda: conn.execute("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone())
    waiting.join()
    assert read(conn, "person:p") == [(1, "one"), (2, "two")]
