"""The commands that ask Stripe, against its stand-in."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingress.cli import endpoint
from ingress.cli.simulator import server, shapes
from ingress.cli.simulator.world import World
from ingress.webhook import signature
from schemas import catalog
from shared import crypto
from shared.setting_values import WebhookSecret
from tests.factories.events import event
from tests.servers import free_port

SECRET = "whsec_of_the_stand_in_0123"
URL = "https://example.org/api/webhooks/stripe"


@pytest.fixture
def world():
    return World(clock=time.time)


@pytest.fixture
def stand_in(world):
    with server.running(world) as running:
        yield running


@pytest.fixture
def keys(private_key):
    public = base64.b64encode(crypto.public_key_of(private_key)).decode()
    return {"CARELANE_SEAL_PUBLIC_KEY": public, "CARELANE_LOOKUP_KEY": base64.b64encode(b"l" * 32).decode()}


@pytest.fixture
def asks(carelane, stand_in, keys):
    def run(*arguments, **more):
        return carelane(*arguments, STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=stand_in.url, **keys | more)

    return run


@pytest.fixture
def told(world):
    created = int(time.time()) - 3600
    made = shapes.subscription("sub_1", created=created, customer="cus_1", status="active")
    return world.tell("customer.subscription.created", made)


def test_backfill_tells_what_it_brought_and_how_far_it_read(asks, carelane, conn, told):
    ran = asks("backfill", "--json")
    assert (ran.exit_code, ran.document["brought"]) == (0, 1)
    assert ran.document["lists"] == [
        {"account": None, "listed": 1, "brought": 1, "undelivered": 0, "complete": True, "refused": None}
    ]  # fmt: skip
    assert conn.execute("SELECT event_id, source FROM events").fetchall() == [
        {"event_id": told.event["id"], "source": "backfill"}
    ]
    standing = carelane("backfill", "--status", "--json").document["lists"]
    assert [(one["account"], one["brought"], one["beyondHorizon"]) for one in standing] == [(None, 1, False)]
    assert "29 days" in carelane("backfill", "--status").stdout


def test_a_dry_backfill_changes_nothing(asks, conn, told):
    assert asks("backfill", "--dry-run", "--json").document["brought"] == 1
    assert conn.execute("SELECT 1 FROM events").fetchall() == []


def test_a_backfill_from_before_stripes_horizon_says_so(asks, told):
    ran = asks("backfill", "--since", "90d")
    assert ran.exit_code == 0
    assert "30 days only" in ran.stderr
    assert "1 brought" in ran.stdout


def test_an_account_that_took_its_leave_leaves_the_others_to_be_read(asks, stand_in, told):
    stand_in.faults.then(["refused"])
    ran = asks("backfill", "--account", "acct_gone", "--account", "acct_here", "--json")
    assert ran.exit_code == 1
    assert [(one["account"], one["complete"], one["refused"]) for one in ran.document["lists"]] == [
        ("acct_gone", False, "the API key has no right to this at Stripe"),
        ("acct_here", True, None),
    ]


def test_without_a_key_or_with_stripe_away_it_says_so_and_how(asks, carelane, keys, stand_in):
    ran = carelane("reconcile", **keys)
    assert (ran.exit_code, "STRIPE_API_KEY is not set" in ran.stderr) == (2, True)
    stand_in.faults.shares = {"garbage": 1.0}
    ran = asks("backfill")
    assert (ran.exit_code, "cannot be read" in ran.stderr) == (4, True)


def test_reconcile_tells_each_difference_with_both_values(asks, conn, told):
    ran = asks("reconcile", "--dry-run", "--json")
    assert ran.exit_code == 0
    (finding,) = ran.document["findings"]
    assert (finding["id"], finding["drift"], finding["mended"]) == ("sub_1", "missing", False)
    assert finding["differences"] == {"status": {"known": None, "stripe": "active"}}
    assert conn.execute("SELECT 1 FROM events").fetchall() == []
    ran = asks("reconcile")
    assert "1 compared: 1 missing." in ran.stdout
    assert [row["source"] for row in conn.execute("SELECT source FROM events")] == ["reconcile"]
    (record,) = conn.execute("SELECT actor FROM audit WHERE act = 'reconcile.mended'").fetchall()
    assert record["actor"].startswith("cli:")


def test_reconcile_compares_what_is_named_or_what_a_person_has(asks, conn, person, told):
    customer_hash = person("p")
    query = """
        INSERT INTO subjects (kind, subject_id, livemode, customer_hash, status, state, latest_at)
        VALUES (%s, %s, false, %s, 'canceled', '{"status": "canceled"}', '2026-01-01Z')"""
    conn.execute(query, ["subscription", "sub_1", customer_hash])
    conn.execute(query, ["subscription", "sub_of_another", None])
    for chosen in (["sub_1"], ["--person", "p"], ["sub_1", "--person", "p", "--kind", "subscription"]):
        document = asks("reconcile", *chosen, "--dry-run", "--json").document
        assert document["report"] == {"compared": 1, "refused": 1}
    assert asks("reconcile", "sub_none").exit_code == 1
    assert asks("reconcile", "--kind", "nothing").exit_code == 2


def test_reconcile_compares_all_of_a_kind_or_of_an_account(asks, conn, world, told):
    query = """
        INSERT INTO subjects (kind, subject_id, account, livemode, status, state, latest_at)
        SELECT kind, kind || account || n, nullif(account, ''), false, 'pending', '{"status": "pending"}', '2026-01-01Z'
        FROM unnest(ARRAY['payout', 'charge']) AS kind, unnest(ARRAY['', 'acct_1']) AS account,
            generate_series(1, 101) AS n"""
    conn.execute(query)
    ways = {("--kind", "payout"): 202, ("--account", "acct_1"): 202, ("--kind", "charge", "--account", "none"): 101}
    for chosen, count in ways.items():
        document = asks("reconcile", *chosen, "--dry-run", "--json", CARELANE_STRIPE_RATE="100").document
        assert document["report"] == {"compared": count, "gone": count}
    assert asks("reconcile", "--kind", "dispute").exit_code == 1


def test_an_id_that_is_not_known_here_is_asked_for_when_its_kind_is_told(asks, conn, told):
    assert asks("reconcile", "sub_1").exit_code == 1
    document = asks("reconcile", "sub_1", "--kind", "subscription", "--json").document
    assert document["report"] == {"compared": 1, "missing": 1}
    assert (
        conn.execute("SELECT event_id, livemode FROM events WHERE source = 'reconcile'").fetchall()[0]["livemode"]
        is False
    )


class _Handler:
    types = frozenset({"radar.early_fraud_warning.created"})


class _Point:
    def __init__(self, loaded):
        self.name, self.loaded = "own", loaded

    def load(self):
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


def test_backfill_brings_what_extensions_handle_as_the_workers_do(asks, conn, world, monkeypatch):
    world.tell("radar.early_fraud_warning.created", {"id": "issfr_1", "object": "radar.early_fraud_warning"})
    points = [_Point(_Handler), _Point(ImportError("broken")), _Point(object())]
    monkeypatch.setattr("shared.extension_types.entry_points", lambda group: points)
    assert asks("backfill", "--json").document["brought"] == 1


def test_an_endpoint_asks_for_exactly_what_is_acted_on_and_shows_its_secret_once(asks, world):
    ran = asks("endpoint", "register", "--url", URL)
    assert ran.exit_code == 0, ran.stderr
    (made,) = world.endpoints.values()
    assert ran.stdout == f"{made['secret']}\n"
    assert set(made["enabled_events"]) == set(catalog.EVENT_TYPES) - {"transfer.paid", "transfer.failed"}
    assert made["api_version"] == "2026-10-28.endive"
    assert asks("endpoint", "register", "--url", URL).exit_code == 1
    assert len(world.endpoints) == 1
    listed = asks("endpoint", "list", "--json")
    assert made["secret"] not in listed.stdout
    assert [(one["url"], one["amiss"]) for one in listed.document["endpoints"]] == [(URL, [])]


def test_rolling_has_an_overlap_in_which_both_deliver(asks, world):
    asks("endpoint", "register", "--url", URL, "--connect", "--type", "example.own")
    ran = asks("endpoint", "roll", "--url", URL, "--connect", "--json")
    first, second = world.endpoints.values()
    assert ran.document["secret"] == second["secret"] != first["secret"]
    assert second["enabled_events"] == first["enabled_events"]
    assert [one["status"] for one in (first, second)] == ["enabled", "enabled"]
    assert asks("endpoint", "roll", "--url", URL, "--connect").exit_code == 1
    assert asks("endpoint", "roll", "--url", URL, "--connect", "--finish").exit_code == 0
    assert [one["status"] for one in (first, second)] == ["disabled", "enabled"]
    assert asks("endpoint", "roll", "--url", URL, "--connect", "--finish").exit_code == 1


def test_where_the_only_endpoint_is_switched_off_another_can_be_made(asks, world):
    asks("endpoint", "register", "--url", URL)
    (made,) = world.endpoints.values()
    made["status"] = "disabled"
    assert asks("endpoint", "roll", "--url", URL).exit_code == 1
    assert asks("endpoint", "register", "--url", URL).exit_code == 0
    assert [one["status"] for one in world.endpoints.values()] == ["disabled", "enabled"]


def test_what_is_amiss_with_an_endpoint_of_ours_is_told(asks, world):
    asks("endpoint", "register", "--url", URL)
    (made,) = world.endpoints.values()
    made["enabled_events"].remove("invoice.paid")
    made["status"] = "disabled"
    world.endpoints["we_other"] = made | {"id": "we_other", "metadata": {}, "enabled_events": ["*"]}
    other, ours = asks("endpoint", "list", "--json").document["endpoints"]
    assert (other["amiss"], ours["amiss"]) == ([], ["lacks invoice.paid", "is switched off"])
    assert endpoint.types_of_endpoint() == sorted(endpoint.types_of_endpoint())


def test_events_in_a_clouds_envelope_are_imported_once(asks, conn, tmp_path):
    inner = event("basil/customer.subscription.updated")
    bridge = tmp_path / "bridge.json"
    bridge.write_text(json.dumps({"version": "0", "id": "other", "detail-type": inner["type"], "detail": inner}))
    grid = tmp_path / "grid.json"
    grid.write_text(json.dumps({"specversion": "1.0", "id": "other", "data": inner | {"id": "evt_grid"}}))
    ran = asks("import", str(bridge), str(grid), str(bridge), "--reason", "the queue was drained", "--json")
    assert ran.document == {"read": 3, "kept": 2, "known": 1}
    kept = conn.execute("SELECT event_id, source FROM events ORDER BY id").fetchall()
    assert [(row["event_id"], row["source"]) for row in kept] == [(inner["id"], "import"), ("evt_grid", "import")]
    (record,) = conn.execute("SELECT reason, after FROM audit WHERE act = 'events.import'").fetchall()
    assert (record["reason"], record["after"]) == ("the queue was drained", {"count": 3})
    assert asks("import", str(bridge)).exit_code == 2


@pytest.mark.parametrize(
    "envelope",
    [
        {"specversion": "1.0", "id": "x"},
        {
            "detail-type": "customer.created",
            "detail": {"object": "customer", "type": "customer.created", "id": "cus_1"},
        },
    ],
)
def test_an_envelope_without_an_event_is_refused_whole(asks, conn, tmp_path, envelope):
    file = tmp_path / "envelope.json"
    file.write_text(json.dumps([event("basil/customer.subscription.updated"), envelope]))
    ran = asks("import", str(file), "--reason", "the queue was drained")
    assert (ran.exit_code, "without an event" in ran.stderr) == (2, True)
    assert conn.execute("SELECT 1 FROM events").fetchall() == []


class _Taking(BaseHTTPRequestHandler):
    """A front door that takes what is signed, after it has refused the first."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        secrets = [WebhookSecret("only", SECRET)]
        verdict = signature.verify(self.headers["Stripe-Signature"], body, secrets=secrets, now=int(time.time()))
        self.server.taken.append(json.loads(body)["id"] if isinstance(verdict, signature.Verified) else "unsigned")
        status = 500 if len(self.server.taken) == 1 else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_stand_in_tells_of_lives_and_tries_again_what_was_not_taken(carelane):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Taking) as door:
        door.taken = []
        threading.Thread(target=door.serve_forever, args=[0.05], daemon=True).start()
        url = f"http://127.0.0.1:{door.server_port}/api/webhooks/stripe"
        wishes = (
            "--events",
            "12",
            "--rate",
            "1000",
            "--url",
            url,
            "--port",
            str(free_port()),
            "--leave",
            "--twice",
            "0.5",
        )
        ran = carelane("simulate", *wishes, STRIPE_WEBHOOK_SECRETS=SECRET)
        door.shutdown()
    assert ran.exit_code == 0, ran.stderr
    assert "STRIPE_API_BASE=http://127.0.0.1:" in ran.stdout
    assert "12 events told" in ran.stdout
    assert "unsigned" not in door.taken
    assert len(set(door.taken)) == 12
    assert door.taken.count(door.taken[0]) == 2
