"""Bad requests against the real processes: each gets the refusal it should, and all together change nothing."""

import http.client
import json
import re
import time
from contextlib import suppress

import psycopg
from psycopg.rows import dict_row

from tests.factories.deliveries import SECRET
from tests.integration.red_team import at_application_door, at_stream_door, at_webhook_door
from tests.integration.red_team.at_webhook_door import ALLOWED, BODY, CANARY, post, signed
from tests.integration.red_team.conftest import PER_MINUTE
from tests.integration.webhook.conftest import DEADLINE_SECONDS, serving

EXEMPTED = re.compile(r'carelane_webhook_flood_exemptions_total\{lane="standard"\} [1-9]')


def ask(door, call):
    method, path, headers, body = call
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def code_of(content):
    with suppress(ValueError):
        document = json.loads(content)
        return document.get("error") or document.get("code")
    return None


def told(status, content, expected):
    """A code is compared where the refusal is in our own words; a set holds the statuses that are all right."""
    if isinstance(expected[0], frozenset) and status in expected[0]:
        status = expected[0]
    return status, None if expected[1] is None else code_of(content)


def test_the_list_is_as_long_as_it_is_said_to_be():
    assert sum(map(len, (at_webhook_door.ALL, at_application_door.ALL, at_stream_door.ALL))) >= 120


def test_every_bad_request_to_the_webhook_door_is_refused_and_changes_nothing(webhook_door, everything, log):
    before, at, got = everything(), int(time.time()), {}
    for name, (make, expected) in at_webhook_door.ALL.items():
        status, _, content = webhook_door.exchange(make(at))
        got[name] = told(status, content, expected)
        assert CANARY.encode() not in content
    assert got == {name: expected for name, (_, expected) in at_webhook_door.ALL.items()}
    assert everything() == before
    assert CANARY not in (log / "webhook").read_text()


def test_every_bad_call_to_the_application_door_is_refused_and_changes_nothing(application_door, held, everything, log):
    before, got = everything(), {}
    for name, (make, expected) in at_application_door.ALL.items():
        got[name] = told(*ask(application_door, make(held)), expected)
    assert got == {name: expected for name, (_, expected) in at_application_door.ALL.items()}
    assert everything() == before
    assert not [secret for secret in held.values() if secret in (log / "app").read_text()]


def test_every_bad_request_for_live_updates_is_refused_and_changes_nothing(stream_door, held, everything, log):
    before, got = everything(), {}
    for name, (make, expected) in at_stream_door.ALL.items():
        got[name] = told(*ask(stream_door, make(held)), expected)
    assert got == {name: expected for name, (_, expected) in at_stream_door.ALL.items()}
    assert everything() == before
    assert not [secret for secret in held.values() if secret in (log / "stream").read_text()]


def test_a_flood_is_told_so_and_what_is_signed_comes_through_it(webhook_door):
    source = "198.51.100.66"

    def flooded():
        return webhook_door.exchange(post(source=source))[0] == 429

    def came_through(number):
        flooded()
        body = BODY.replace(b"evt_red", b"evt_through_the_flood_%d" % number)
        status, _, content = webhook_door.exchange(signed(int(time.time()), body=body, source=source))
        assert (status, json.loads(content)["received"]) == (200, True)
        return EXEMPTED.search(webhook_door.get("/metrics")[1])

    assert not flooded()
    assert any(flooded() for _ in range(10 * PER_MINUTE))
    # On a busy machine a moment's pause gives the source a little of its allowance back.
    assert any(came_through(number) for number in range(100))


def test_a_hundred_slow_connections_do_not_keep_an_event_out(webhook_door):
    slow = [webhook_door.connect() for _ in range(100)]
    try:
        for number, connection in enumerate(slow):
            started = post(framing="Content-Length: 60000", body=b"abc")
            connection.sendall(started if number % 2 else started[:40])
        for number in range(5):
            body = BODY.replace(b"evt_red", b"evt_beside_%d" % number)
            assert webhook_door.exchange(signed(int(time.time()), body=body))[0] == 200
    finally:
        for connection in slow:
            connection.close()


def test_what_was_refused_stands_in_the_audit_trail_by_code_and_source(environ, log, database):
    source = "198.51.100.77"
    secret = {"STRIPE_WEBHOOK_SECRETS": f"current={SECRET.value}"}
    with serving("ingress.webhook.door", log / "another", **environ, **secret) as door:
        for _ in range(3):
            door.exchange(post(source=source))
        door.stop()
    with psycopg.connect(database, row_factory=dict_row) as conn:
        rows = conn.execute("SELECT act, after FROM audit WHERE object = %s", [f"source:{source}"]).fetchall()
    assert rows == [{"act": "requests.refused", "after": {"code": "MISSING_SIGNATURE", "count": 3}}]


def test_guessing_at_the_console_ends_after_a_few_tries(application_door):
    connection = http.client.HTTPConnection("127.0.0.1", application_door.port, timeout=DEADLINE_SECONDS)
    connection.request("GET", "/console/sign-in")
    answer = connection.getresponse()
    cookie, page = answer.headers["Set-Cookie"].partition(";")[0], answer.read().decode()
    connection.close()
    csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "X-Forwarded-For": ALLOWED}
    form = f"csrf={csrf}&name=root&password=guessed+by+somebody&code=000000".encode()
    statuses = [ask(application_door, ("POST", "/console/sign-in", headers, form))[0] for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
