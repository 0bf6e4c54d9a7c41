"""A wait on a socket that stays silent ends in time; one that ended well is left alone."""

import os
import signal
import threading

import psycopg
import pytest

from shared.db import Pool
from shared.deadlines import Deadlines
from shared.errors import TransientError


@pytest.fixture
def frozen(conn, database_url):
    """A server process that was stopped in its tracks, behind a pool's only connection."""
    pool = Pool(database_url, name="frozen", size=1, statement_timeout_ms=400)
    with pool.transaction() as own:
        pid = own.execute("SELECT pg_backend_pid() AS pid").fetchone()["pid"]
    os.kill(pid, signal.SIGSTOP)
    yield pool
    os.kill(pid, signal.SIGCONT)
    pool.close()


def test_a_frozen_server_holds_no_thread(frozen):
    with pytest.raises(TransientError) as caught, frozen.transaction() as conn:
        conn.execute("SELECT 1")
    assert caught.value.code == "database_frozen"


def test_the_pool_serves_again_on_a_fresh_connection(frozen):
    with pytest.raises(TransientError), frozen.transaction() as conn:
        conn.execute("SELECT 1")
    with frozen.transaction() as conn:
        assert conn.execute("SELECT 7 AS seven").fetchone()["seven"] == 7


def test_a_rollback_on_a_frozen_server_is_bounded_too(conn, database_url):
    pool = Pool(database_url, name="frozen", size=1, statement_timeout_ms=400)
    pid = None
    try:
        with pytest.raises(ValueError, match="ours"), pool.transaction() as own:
            pid = own.execute("SELECT pg_backend_pid() AS pid").fetchone()["pid"]
            os.kill(pid, signal.SIGSTOP)
            raise ValueError("ours")
    finally:
        os.kill(pid, signal.SIGCONT)
        pool.close()


def test_only_the_wait_that_is_late_is_struck(database_url):
    deadlines = Deadlines()
    with psycopg.connect(database_url) as quick, psycopg.connect(database_url) as slow:
        for _ in range(50):
            with deadlines.bound(quick, 0.2):
                quick.execute("SELECT 1")
        with pytest.raises(TransientError), deadlines.bound(slow, 0.2):
            slow.execute("SELECT pg_sleep(30)")
        assert quick.execute("SELECT 1").fetchone() == (1,)


def test_many_threads_share_one_watch(database_url):
    deadlines, struck = Deadlines(), []

    def wait():
        with psycopg.connect(database_url) as conn:
            try:
                with deadlines.bound(conn, 0.2):
                    conn.execute("SELECT pg_sleep(30)")
            except TransientError as error:
                struck.append(error.code)

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert struck == ["database_frozen"] * 8
