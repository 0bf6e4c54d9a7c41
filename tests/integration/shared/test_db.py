"""Pools belong to one process, and what PostgreSQL answers in passing trouble is told as that."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from shared import db
from shared.db import ForeignProcessError, Pool
from shared.errors import TransientError
from tests.servers import free_port


def in_a_child(work):
    """The exit status of a forked child that does this; it never returns into pytest."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_pool_refuses_to_serve_a_forked_child(pool):
    with pool.transaction() as conn:
        conn.execute("SELECT 1")

    def work():
        try:
            with pool.transaction():
                return 1
        except ForeignProcessError:
            return 0

    assert in_a_child(work) == 0
    with pool.transaction() as conn:
        assert conn.execute("SELECT 1 AS one").fetchone() == {"one": 1}


def test_a_lost_connection_is_transient_and_the_pool_serves_again(pool, conn):
    with pytest.raises(TransientError) as lost, pool.transaction() as own:
        own_pid = own.info.backend_pid
        conn.execute("SELECT pg_terminate_backend(%s, 5000)", [own_pid])
        own.execute("SELECT 1")
    assert lost.value.code in {"database_57P01", "database_away"}
    with pool.transaction() as own:
        assert own.info.backend_pid != own_pid


def test_a_lock_not_had_in_time_is_transient(pool, conn):
    with conn.transaction(), pytest.raises(TransientError) as late, pool.transaction() as own:
        conn.execute("LOCK TABLE people")
        own.execute("SET LOCAL lock_timeout = 50")
        own.execute("SELECT FROM people")
    assert late.value.code == "database_55P03"


def test_a_statement_that_takes_too_long_is_transient(database_url):
    pool = Pool(database_url, name="hasty", size=1, statement_timeout_ms=50)
    with pytest.raises(TransientError) as late, pool.transaction() as own:
        own.execute("SELECT pg_sleep(30)")
    assert late.value.code == "database_57014"
    pool.close()


def test_the_loser_of_a_deadlock_may_try_again(pool, conn):
    conn.execute("INSERT INTO people (user_id) VALUES ('one'), ('two')")
    gate = threading.Barrier(2)

    def work(order):
        try:
            with pool.transaction() as own:
                own.execute("SET LOCAL deadlock_timeout = 50")
                for user in order:
                    own.execute("UPDATE people SET grace_days = 1 WHERE user_id = %s", [user])
                    if user == order[0]:
                        gate.wait(10)
        except TransientError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(work, [("one", "two"), ("two", "one")]))
    assert outcomes == ["database_40P01", "done"]


def test_a_unique_key_that_is_taken_stays_what_psycopg_says(pool, conn):
    conn.execute("INSERT INTO people (user_id) VALUES ('one')")
    with pytest.raises(psycopg.errors.UniqueViolation), pool.transaction() as own:
        own.execute("INSERT INTO people (user_id) VALUES ('one')")


def test_an_exception_of_our_own_rolls_back_and_comes_through(pool, conn):
    with pytest.raises(KeyError), pool.transaction() as own:
        own.execute("INSERT INTO people (user_id) VALUES ('one')")
        raise KeyError
    assert conn.execute("SELECT count(*) AS n FROM people").fetchone()["n"] == 0


def test_a_server_that_is_not_there_is_transient():
    with pytest.raises(TransientError) as away, db.connect(f"postgresql://127.0.0.1:{free_port()}/x", name="test"):
        pass
    assert away.value.code == "database_away"


def test_a_pool_with_no_connection_to_give_is_busy(database_url):
    pool = Pool(database_url, name="small", size=1)
    with pool.transaction(), pytest.raises(TransientError) as busy, pool.transaction():
        pass
    assert busy.value.code == "database_busy"
    pool.close()
