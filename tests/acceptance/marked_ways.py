"""The ways that marks are sent: through both doors, by what is fetched, and by what is owed to the outside."""

import contextlib
import json
import urllib.error

from shared import broker, comparisons, events, looks
from shared.broker import Doorbell
from shared.bulk_acts import Mandate
from shared.task_messages import COMPARE, LOOK
from tests.acceptance.marks import BUG, MARK, TYPES, ask, marked_event, raw
from tests.acceptance.outside import DRIFTED, MISSED, delivered
from tests.acceptance.posting import fresh, post, sign
from tests.running import until


def through_the_door(carelane):
    """What the webhook door answered to marks that it keeps, refuses, and cannot read."""
    good = [marked_event(f"basil/{name}") for name in TYPES]
    bad = [
        marked_event("basil/customer.subscription.updated", **{"data.object.id": {"x": MARK}}),
        marked_event("basil/payout.paid", **{"data.object.amount": MARK}),
        marked_event("basil/invoice.paid", created=MARK),
        fresh("basil/invoice.paid", **BUG),
    ]
    junk, other = f'{{"broken": "{MARK}'.encode(), json.dumps(good[0] | {"extra": MARK}).encode()
    refused = {"Stripe-Signature": f"t=1,v1={MARK}", "X-Forwarded-For": MARK}
    stale = {"Stripe-Signature": sign(junk, at=1)}
    answers = [post(carelane, event) for event in (*good, *bad, junk, other)]
    assert {status for status, _ in answers} == {200}
    refusals = [post(carelane, junk, headers=headers) for headers in (refused, stale, {"X-Mark": MARK})]
    with contextlib.suppress(urllib.error.URLError):  # the door may be gone before it was all sent
        refusals.append(post(carelane, junk * 60_000, headers=refused))
    assert {status for status, _ in refusals} <= {400, 401, 413}
    return [json.dumps(answer) for answer in (*answers, *refusals)]


def through_the_application_door(carelane, address):
    made = carelane.run("token", "create", "--name", "backend", "--scope", "people", "--scope", "crisis")
    headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
    person = {"stripeCustomerId": f"cus_{MARK}"}
    opened = ask(address, "/api/people/someone", method="PUT", body=person, headers=headers)
    crisis = {"userId": "someone", "source": "clinician", "severity": "severe"}
    opened = json.loads(ask(address, "/api/crisis", method="POST", body=crisis, headers=headers))
    note = f"/api/crisis/{opened['crisisId']}/resolve"
    return [
        ask(address, note, method="POST", body={"note": f"note {MARK}"}, headers=headers),
        ask(address, "/api/people/someone", method="PUT", body={"email": MARK}, headers=headers),
        ask(address, "/api/assessments", method="POST", body={"userId": "someone", "total": MARK}, headers=headers),
        ask(address, "/api/access/someone", headers={"Authorization": f"Bearer {MARK}"}),
        raw(address, f"/api/access/someone?token={MARK}"),
    ]


def through_what_is_owed_and_fetched(carelane, beyond):
    """Callbacks and a stream are there before anything happens; then what Stripe lists and shows is asked for."""
    added = carelane.run("callbacks", "add", "--name", "backend", "--url", beyond.receiver.url)
    scopes = ("--scope", "stream", "--scope", "admin:read")
    beyond.listen(carelane, carelane.run("token", "create", "--name", "listener", *scopes).stdout.strip())
    until(lambda: beyond.listener.connections)
    assert post(carelane, delivered())[0] == 200
    beyond.let_something_be_missed()
    told = [carelane.run("backfill", "--since", "1h")]
    until(lambda: _is_known(carelane, MISSED, DRIFTED))
    beyond.let_something_drift()
    told += [carelane.run("reconcile", DRIFTED), carelane.run("backfill", "--status")]
    return [added.stderr] + [one.stdout + one.stderr for one in told]


def through_what_staff_ask(conn, redis_url):
    """A worker opens a body for who has broken the glass, and compares an object with Stripe's, in its own role."""
    somebody = "INSERT INTO staff (name, role, created_by) VALUES ('kim', 'operator', 'test') RETURNING id"
    staff_id = conn.execute(somebody).fetchone()["id"]
    glass = "INSERT INTO break_glass (staff_id, reason, ends_at) VALUES (%s, 'needed', now() + interval '1 hour')"
    conn.execute(glass, [staff_id])
    row = conn.execute("SELECT max(event_row) AS row FROM event_bodies").fetchone()["row"]
    look = looks.ask(conn, events.find(conn, [f"#{row}"])[f"#{row}"][0], staff_id=staff_id, reason="the clinic asks")
    asked = comparisons.ask(conn, [DRIFTED], staff_id=staff_id, mandate=Mandate("staff:kim", "its payer asks"))
    doorbell = Doorbell(broker.connect(redis_url, timeout_seconds=5), most_waiting=50)
    assert doorbell.ask(LOOK, str(look.id))
    assert doorbell.ask(COMPARE, str(asked))
    until(lambda: conn.execute("SELECT 1 FROM staff_looks WHERE sealed IS NOT NULL").fetchone())
    with conn.transaction(force_rollback=True):  # it stays, to be looked at with all that lies in the database
        assert MARK in looks.collect(conn, look).text()
    until(lambda: comparisons.find(conn, asked).ended_at)
    assert comparisons.find(conn, asked).compared == 1


def _is_known(carelane, *names):
    return all(carelane.run("subject", "show", name).returncode == 0 for name in names)
