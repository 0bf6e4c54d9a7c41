"""Stripe's list of networks is renewed on beat, where a worker can write it; what fails leaves the last good one."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workers.housekeeping import STEPS_FAILED
from workers.sources import Renewal

OLD, NEW = b'{"WEBHOOKS": ["198.51.100.7"]}', b'{"WEBHOOKS": ["198.51.100.7", "203.0.113.0/24"]}'
YESTERDAY = 1_000_000_000


class Publisher(ThreadingHTTPServer):
    """Stands for Stripe's address."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.status, self.body, self.asked = 200, NEW, 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/list"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def published():
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(OLD)
    path.chmod(0o640)
    os.utime(path, (YESTERDAY, YESTERDAY))
    return path


def failed():
    return STEPS_FAILED.labels("sources")._value.get()


def changes(conn):
    return conn.execute("SELECT actor, before, after FROM audit WHERE act = 'sources.changed'").fetchall()


def test_a_new_list_takes_the_old_ones_place_once_a_day_and_the_change_is_audited(pool, conn, file, published):
    renewal = Renewal(file, url=published.url)
    assert (renewal.renew(pool), renewal.renew(pool), published.asked) == (2, 0, 1)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (NEW, 0o640)
    assert changes(conn) == [{"actor": "beat", "before": {"gone": []}, "after": {"new": ["203.0.113.0/24"]}}]
    assert renewal.renew(pool, now=file.stat().st_mtime + 86400) == 2
    assert (published.asked, len(changes(conn))) == (2, 1)


@pytest.mark.parametrize(
    ("status", "body"), [(500, NEW), (200, b"<html>"), (200, b'{"WEBHOOKS": []}'), (200, b"1.2.3.4\n" * 200_000)]
)
def test_what_is_no_list_is_told_and_tried_again_and_the_last_good_one_stays(pool, conn, file, published, status, body):
    before, renewal = failed(), Renewal(file, url=published.url)
    published.status, published.body = status, body
    assert (renewal.renew(pool), failed() - before, file.read_bytes(), changes(conn)) == (0, 1, OLD, [])
    assert [path.name for path in file.parent.glob("*list*")] == ["list.json"]
    published.status, published.body = 200, NEW
    assert (renewal.renew(pool), file.read_bytes()) == (2, NEW)


def test_stripe_away_is_a_step_that_failed(pool, file, published):
    before, url = failed(), published.url
    published.server_close()
    assert (Renewal(file, url=url).renew(pool), failed() - before, file.read_bytes()) == (0, 1, OLD)


def test_where_the_file_cannot_be_written_it_is_said_once_and_nobody_is_asked(pool, tmp_path, published, capsys):
    renewal = Renewal(tmp_path / "elsewhere" / "list.json", url=published.url)
    before = failed()
    assert [renewal.renew(pool) for _ in range(3)] == [0, 0, 0]
    assert (capsys.readouterr().out.count("cannot be written from here"), published.asked, failed()) == (1, 0, before)


def test_where_no_list_is_asked_for_none_is_fetched(pool, published):
    assert (Renewal(None, url=published.url).renew(pool), published.asked) == (0, 0)


def test_two_at_once_change_it_once(pool, conn, file, published):
    gate = threading.Barrier(2)

    def work(_):
        gate.wait(10)
        return Renewal(file, url=published.url).renew(pool)

    with ThreadPoolExecutor(2) as threads:
        assert 2 in threads.map(work, range(2))
    assert (file.read_bytes(), len(changes(conn))) == (NEW, 1)
