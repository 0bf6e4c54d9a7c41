"""Pages that are told what changes, by a door's own process: what they are told, when it ends, how many may be open."""

import http.client
import socket
from contextlib import ExitStack

import pytest

from ingress.console.headers import HEADERS
from ingress.console.living import MOST_STREAMS
from shared import staff_sessions
from tests.browser.console_house import add_events
from tests.browser.console_site import door_of
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.console.conftest import ENROLLED
from tests.integration.staff.conftest import TERMS
from tests.integration.stream.test_proxy import proxy_port  # noqa: F401 - a fixture
from tests.integration.webhook.conftest import DEADLINE_SECONDS, Served
from tests.running import until

NOW = "/console/now/live"


@pytest.fixture(scope="module")
def one_door():
    with ExitStack() as stack:
        yield stack, []


@pytest.fixture
def door(one_door, settings, tmp_path):
    """One for all tests of this module that do not stop it."""
    stack, kept = one_door
    if not kept:
        kept.append(stack.enter_context(door_of(settings, tmp_path)))
    return kept[0]


@pytest.fixture
def token(pool):
    with pool.transaction() as conn:
        staff_id = conn.execute(ENROLLED, ["ann", "operator"]).fetchone()["id"]
        return staff_sessions.begin(conn, staff_id, rule=TERMS.rule, lookup_key=LOOKUP_KEY)


class Listening:
    def __init__(self, door, token=None, path=NOW):
        self.connection = door.connect()
        cookie = "" if token is None else f"Cookie: carelane={token}\r\n"
        asked = f"GET {path} HTTP/1.1\r\nHost: door\r\nAccept: text/event-stream\r\n{cookie}\r\n"
        self.connection.sendall(asked.encode())
        self.answer = http.client.HTTPResponse(self.connection)
        self.answer.begin()
        self.status = self.answer.status

    def frame(self):
        """The next that tells something, its fields by name; empty at the end."""
        fields = {}
        while (line := self.answer.readline().decode()) != "":
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = f"{fields[name]}\n{value}" if name in fields else value
            elif "data" in fields:
                return fields
            else:
                fields = {}
        return {}

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.connection.close()
        self.answer.close()


def test_figures_come_when_they_change_under_the_headers_of_the_page(door, token, conn):
    with Listening(door, token) as page:
        assert page.status == 200
        told = dict(page.answer.getheaders())
        assert told["content-type"] == "text/event-stream"
        assert {name: told[name.lower()] for name in HEADERS} == dict(HEADERS)
        first = page.frame()
        assert first["id"]
        assert "evt_" not in first["data"]
        add_events(conn, 4711, "evt_new_", "invoice.payment_succeeded", state="received", apart="1 millisecond")
        later = until(lambda: "4711 <small>waiting</small>" in (found := page.frame())["data"] and found)
        assert later["id"] != first["id"]


def test_it_keeps_no_session_alive_and_ends_with_it(door, token, conn):
    conn.execute("UPDATE staff_sessions SET seen_at = now() - interval '10 minutes'")
    with Listening(door, token) as page:
        assert page.frame()["data"]
        assert page.frame()["data"]
        aged = "SELECT seen_at < now() - interval '9 minutes' AS aged FROM staff_sessions"
        assert conn.execute(aged).fetchone()["aged"]
        conn.execute("DELETE FROM staff_sessions")
        until(lambda: page.frame().get("event") == "ended")
        assert page.frame() == {}


def test_who_may_not_see_it_any_more_is_refused_once(door, token, conn, pool):
    with Listening(door, token, "/console/comparisons/00000000-0000-0000-0000-000000000000/live") as none:
        assert none.status == 404
    with Listening(door, token) as page:
        assert page.frame()["data"]
        conn.execute("UPDATE staff SET role = 'clinician'")
        until(lambda: page.frame().get("event") == "ended")
        assert page.frame() == {}
    refused = "SELECT count(*) AS n FROM audit WHERE act = 'staff.act_refused'"
    assert conn.execute(refused).fetchone()["n"] == 1


def test_who_is_not_signed_in_gets_no_stream(door):
    with Listening(door) as page:
        assert page.status == 303


def test_beyond_so_many_a_page_is_told_to_ask_and_a_place_that_is_left_is_free(door, token):
    # Those of the tests before have gone, and the door notices that in its own time.
    with ExitStack() as stack:
        kept = []

        def all_taken():
            page = stack.enter_context(Listening(door, token))
            if page.status == 200:
                kept.append(page)
            return page.status == 503

        until(all_taken)
        assert len(kept) <= MOST_STREAMS
        page = http.client.HTTPConnection("127.0.0.1", door.port, timeout=DEADLINE_SECONDS)
        page.request("GET", NOW, headers={"Cookie": f"carelane={token}"})
        assert page.getresponse().status == 200  # as it asks then
        page.close()
        kept[0].connection.shutdown(socket.SHUT_RDWR)

        def one_more():
            return stack.enter_context(Listening(door, token)).status == 200

        until(one_more)


def test_nginx_passes_it_on_at_once(door, token, proxy_port, conn):  # noqa: F811
    with Listening(Served(proxy_port, None, None), token) as page:
        assert page.frame()["data"]
        conn.execute("DELETE FROM staff_sessions")
        until(lambda: page.frame().get("event") == "ended")


def test_a_door_that_is_told_to_stop_ends_them_all(settings, tmp_path, token):
    with door_of(settings, tmp_path) as door, ExitStack() as stack:
        pages = [stack.enter_context(Listening(door, token)) for _ in range(3)]
        for page in pages:
            assert page.frame()["data"]
        door.process.terminate()
        for page in pages:
            until(lambda page=page: page.frame() == {})
        assert door.process.wait(DEADLINE_SECONDS) == 0
        assert "Traceback" not in door.log.read_text()
