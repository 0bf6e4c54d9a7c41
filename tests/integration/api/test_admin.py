"""The operators' calls: logs by page, one event's story, dead letters, bulk acts, status; and who may call them."""

import pytest

from ingress.api.resources import RESOURCES
from tests.integration.api.conftest import later

REASON = "the cause is mended"


@pytest.fixture
def events(keep, bury, conn):
    """Two of a kind, one that died, and one that came twice."""
    keep("evt_ok", state="processed", settled_at="2026-11-20T10:00:00Z", object_id="in_1")
    bury("evt_dead", type="payout.failed", object_id="po_1")
    row = keep("evt_new", type="invoice.paid", account="acct_1")
    conn.execute("INSERT INTO deliveries (event_row, same_body, secret_name) VALUES (%s, true, 'platform')", [row])


def logged(caller, **query):
    status, document = caller.get("/api/admin/webhooks/logs", **query)
    assert status == 200, document
    return [(one["eventId"], one["status"]) for one in document["logs"]]


def test_the_log_tells_every_delivery_the_newest_first(backend, events):
    everything = {("evt_ok", "success"), ("evt_dead", "failed"), ("evt_new", "received"), ("evt_new", "duplicate")}
    assert set(logged(backend)) == everything
    times = [one["receivedAt"] for one in backend.get("/api/admin/webhooks/logs")[1]["logs"]]
    assert times == sorted(times, reverse=True)


FILTERS = [
    ({"status": "success"}, {"evt_ok"}),
    ({"status": "failed"}, {"evt_dead"}),
    ({"status": "duplicate"}, {"evt_new"}),
    ({"status": "dead"}, {"evt_dead"}),
    ({"eventType": "payout.*"}, {"evt_dead"}),
    ({"eventType": "invoice.paid"}, {"evt_new"}),
    ({"entityId": "po_1"}, {"evt_dead"}),
    ({"entityId": "evt_ok"}, {"evt_ok"}),
    ({"entityId": "acct_1"}, {"evt_new"}),
    ({"endDate": "2020-01-01"}, set()),
    ({"startDate": later(hours=1)}, set()),
    ({"startDate": later(hours=-1), "endDate": later(hours=1)}, {"evt_ok", "evt_dead", "evt_new"}),
]


def test_the_log_is_filtered(backend, events):
    for query, expected in FILTERS:
        assert {event_id for event_id, _ in logged(backend, **query)} == expected, query


def test_the_log_comes_by_page(backend, many):
    many(5)
    pages = [backend.get("/api/admin/webhooks/logs", page=number, limit=2)[1] for number in (1, 2, 3, 4)]
    assert [len(page["logs"]) for page in pages] == [2, 2, 1, 0]
    assert [page["pagination"]["hasNext"] for page in pages] == [True, True, False, False]
    assert {page["pagination"]["total"] for page in pages} == {5}
    assert len({one["eventId"] for page in pages for one in page["logs"]}) == 5


def test_the_filters_that_were_taken_are_told(backend):
    _, document = backend.get("/api/admin/webhooks/logs", startDate="2026-01-01T00:00:00Z", status="failed")
    assert document["filters"]["startDate"] == "2026-01-01T00:00:00Z"
    assert document["filters"]["status"] == "failed"


def test_one_event_is_told_whole(backend, events, conn):
    status, document = backend.get("/api/admin/events/evt_new")
    assert (status, document["eventId"], document["furtherDeliveries"]) == (200, "evt_new", 1)
    row = conn.execute("SELECT id FROM events WHERE event_id = 'evt_new'").fetchone()["id"]
    assert backend.get(f"/api/admin/events/%23{row}")[1]["eventId"] == "evt_new"
    assert backend.get("/api/admin/events/evt_none")[1]["code"] == "NOT_FOUND"
    assert backend.get("/api/admin/events/%00")[1]["code"] == "NOT_FOUND"


def test_events_that_share_an_id_are_told_apart(backend, keep):
    one, other = keep("evt_1"), keep("evt_1", account="acct_1")
    status, problem = backend.get("/api/admin/events/evt_1")
    assert (status, problem["code"]) == (409, "AMBIGUOUS")
    assert problem["errors"] == {"eventId": [f"#{one}", f"#{other}"]}
    assert backend.get("/api/admin/events/evt_1", account="acct_1")[1]["rowId"] == other


def test_dead_letters_are_listed_with_what_they_died_of(backend, bury):
    for number in range(3):
        bury(f"evt_{number}")
    bury("evt_x", type="payout.paid", reason_code="other")
    _, first = backend.get("/api/admin/dead-letters", limit=3)
    assert ([one["eventId"] for one in first["deadLetters"]], first["total"]) == (["evt_x", "evt_2", "evt_1"], 4)
    _, second = backend.get("/api/admin/dead-letters", limit=3, after=first["after"])
    assert ([one["eventId"] for one in second["deadLetters"]], second["after"]) == (["evt_0"], None)
    assert first["causes"][0] == {"class": "invalid", "code": "schema", "type": "invoice.payment_failed", "count": 3}
    assert [e["eventId"] for e in backend.get("/api/admin/dead-letters", type="payout.*")[1]["deadLetters"]] == [
        "evt_x"
    ]


def test_dead_letters_are_requeued_by_filter_after_a_look(backend, bury, conn, audited):
    bury("evt_1")
    bury("evt_2", type="payout.paid")
    wanted = {"filter": {"types": ["payout.*"]}}
    path = "/api/admin/dead-letters/requeue"
    status, look = backend.post(path, wanted | {"dryRun": True})
    assert (status, look["matched"], look["outcomes"]) == (200, 1, [])
    assert conn.execute("SELECT count(*) AS n FROM events WHERE state = 'dead'").fetchone()["n"] == 2
    _, done = backend.post(path, wanted | {"reason": REASON})
    assert done["outcomes"] == [{"id": "evt_2", "outcome": "requeued"}]
    assert [(actor, act) for actor, act, _ in audited("dead_letter.")] == [("token:service-1", "dead_letter.requeue")]


def test_dead_letters_are_discarded_and_what_is_not_dead_is_told(backend, bury, keep):
    bury("evt_1")
    keep("evt_2")
    given = {"ids": ["evt_1", "evt_2", "evt_none"], "reason": REASON}
    _, done = backend.post("/api/admin/dead-letters/discard", given)
    outcomes = {one["id"]: one["outcome"] for one in done["outcomes"]}
    assert outcomes == {"evt_1": "discarded", "evt_2": "already_running", "evt_none": "not_found"}


def test_events_are_replayed(backend, keep):
    keep("evt_1", state="processed", settled_at="2026-11-20T10:00:00Z")
    for wanted in ({"ids": ["evt_1"]}, {"filter": {"states": ["processed"]}}):
        status, done = backend.post("/api/admin/events/replay", wanted | {"reason": REASON})
        assert status == 200
    assert done["matched"] == 0


def test_what_one_call_has_no_time_for_is_told_and_left(backend, bury):
    for number in range(40):
        bury(f"evt_{number}")
    given = {"filter": {}, "reason": REASON, "ratePerSecond": 4}
    _, done = backend.post("/api/admin/dead-letters/requeue", given)
    outcomes = [one["outcome"] for one in done["outcomes"]]
    assert (len(outcomes), done["cancelled"]) == (40, True)
    assert {"requeued", "not_done"} == set(outcomes)


UNFIT = [
    ({"reason": REASON}, "ids"),
    ({"ids": ["evt_1"], "filter": {}, "reason": REASON}, "ids"),
    ({"ids": ["evt_1"]}, "reason"),
    ({"ids": ["evt_1"], "reason": " "}, "reason"),
    ({"ids": [], "reason": REASON}, "ids"),
    ({"filter": {"unknown": 1}, "reason": REASON}, "filter"),
    ({"ids": ["evt_1"], "reason": REASON, "ratePerSecond": 0}, "ratePerSecond"),
]


def test_an_act_that_cannot_be_meant_is_refused(backend):
    for given, field in UNFIT:
        for path in ("dead-letters/requeue", "dead-letters/discard", "events/replay"):
            status, problem = backend.post(f"/api/admin/{path}", given)
            assert (status, list(problem["errors"])) == (422, [field]), given


def test_more_than_a_call_takes_on_is_refused_and_changes_nothing(backend, many, conn):
    dead = {"state": "'dead'", "settled_at": "now()", "reason_class": "'invalid'", "reason_code": "'schema'"}
    many(5_001, **dead)
    status, problem = backend.post("/api/admin/dead-letters/requeue", {"filter": {}, "reason": REASON})
    assert (status, problem["code"]) == (422, "TOO_MANY")
    assert conn.execute("SELECT count(*) AS n FROM events WHERE state <> 'dead'").fetchone()["n"] == 0


def test_how_the_walk_stands_is_told(backend, events):
    status, document = backend.get("/api/admin/status")
    assert (status, document["events"]["dead"], document["lanes"]["standard"]["waiting"]) == (200, 1, 1)


def test_only_who_has_the_scope_may_call(service, person, nobody):
    others = {"admin:read": service("admin:write"), "admin:write": service("admin:read")}
    for call in RESOURCES["admin"]:
        path = call.path.replace("<event_id>", "evt_1")
        callers = (others[call.scope], person("p"), person("c", app_metadata={"role": "clinician"}))
        for caller in callers:
            status, problem = caller.get(path) if call.method == "GET" else caller.post(path, {})
            assert (status, problem["code"]) == (403, "MISSING_SCOPE"), call.name
        assert (nobody.get(path) if call.method == "GET" else nobody.post(path, {}))[0] == 401
