import pytest

SHOWN = [
    "eventId",
    "account",
    "livemode",
    "type",
    "lane",
    "state",
    "reason",
    "attempts",
    "receivedAt",
    "settledAt",
]


def listed(ran):
    return [event["eventId"] for event in ran.document["events"]]


def test_an_event_is_shown_with_all_that_the_contract_names(carelane, keep, conn):
    row = keep(
        received_at="2026-11-20T10:00:00Z", secret_name="main", signed_at="2026-11-20T09:59:59Z", account="acct_1"
    )
    conn.execute(
        "INSERT INTO attempts (event_row, fence, series, number, worker, started_at, ended_at, outcome, error_class,"
        " error_code, message) VALUES (%s, 1, 1, 1, 'w1', '2026-11-20T10:00:01Z', '2026-11-20T10:00:02Z', 'retrying',"
        " 'transient', 'database_away', 'the database is away')",
        [row],
    )
    conn.execute("INSERT INTO deliveries (event_row, secret_name, same_body) VALUES (%s, 'main', false)", [row])
    found = carelane("events", "show", "evt_1", "--json").document
    assert set(SHOWN) <= set(found)
    assert (found["rowId"], found["account"], found["state"], found["reason"]) == (row, "acct_1", "received", None)
    assert (found["receivedAt"], found["settledAt"]) == ("2026-11-20T10:00:00Z", None)
    assert found["attempts"] == [
        {
            "number": 1,
            "series": 1,
            "worker": "w1",
            "startedAt": "2026-11-20T10:00:01Z",
            "endedAt": "2026-11-20T10:00:02Z",
            "outcome": "retrying",
            "errorClass": "transient",
            "errorCode": "database_away",
            "errorPath": None,
            "message": "the database is away",
            "waitsFor": [],
        }
    ]
    assert [(d["duplicate"], d["sameBody"]) for d in found["deliveries"]] == [(False, None), (True, False)]


def test_a_reason_is_shown_in_its_parts(carelane, bury):
    bury()
    found = carelane("events", "show", "evt_1", "--json").document
    assert found["reason"] == {
        "class": "invalid",
        "code": "schema",
        "path": "data.object.id",
        "message": "is required",
    }


def test_an_unknown_event_is_said_to_be_unknown(carelane):
    ran = carelane("events", "show", "evt_0", "--json")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "evt_0" in ran.stderr


def test_an_id_that_accounts_share_lists_the_candidates(carelane, keep):
    rows = [keep(account="acct_1"), keep(account="acct_2"), keep()]
    ran = carelane("events", "show", "evt_1")
    assert ran.exit_code == 1
    assert all(f"#{row}" in ran.stderr for row in rows)


@pytest.mark.parametrize(
    ("options", "position"),
    [(("--account", "acct_1"), 0), (("--account", "none", "--livemode"), 1), (("--account", "none", "--testmode"), 2)],
)
def test_account_and_mode_pick_one_of_them(carelane, keep, options, position):
    rows = [keep(account="acct_1"), keep(livemode=True), keep()]
    assert carelane("events", "show", "evt_1", *options, "--json").document["rowId"] == rows[position]


def test_a_row_names_an_event_too(carelane, keep):
    keep(account="acct_1")
    row = keep(account="acct_2")
    assert carelane("events", "show", f"#{row}", "--json").document["account"] == "acct_2"


def test_a_page_at_a_time_shows_every_event_once(carelane, keep):
    rows = [keep(f"evt_{number}") for number in range(7)]
    seen, options = [], []
    while True:
        page = carelane("events", "list", "--limit", "3", *options, "--json").document
        seen += [event["rowId"] for event in page["events"]]
        if page["after"] is None:
            break
        options = ["--after", page["after"]]
    assert seen == rows[::-1]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--state", "dead"), ["evt_dead"]),
        (("--state", "dead", "--state", "received"), ["evt_dead", "evt_payout", "evt_plain"]),
        (("--type", "payout.*"), ["evt_payout"]),
        (("--type", "payout"), []),
        (("--lane", "crisis"), ["evt_payout"]),
        (("--account", "acct_1"), ["evt_payout"]),
        (("--account", "none"), ["evt_dead", "evt_plain"]),
        (("--object", "po_1"), ["evt_payout"]),
        (("--since", "2026-01-01"), ["evt_dead", "evt_payout"]),
        (("--since", "1h", "--lane", "standard"), ["evt_dead"]),
        (("--until", "2026-01-01"), ["evt_plain"]),
        (("--person", "person-1"), ["evt_plain"]),
    ],
)
def test_filters_narrow_the_list(carelane, keep, bury, person, options, found):
    keep("evt_plain", customer_hash=person("person-1"), received_at="2025-12-31T00:00:00Z")
    keep("evt_payout", type="payout.paid", lane="crisis", account="acct_1", object_id="po_1")
    bury("evt_dead")
    assert listed(carelane("events", "list", *options, "--json")) == found


def test_people_get_tables(carelane, bury):
    bury(discarded_at="2026-11-21T00:00:00Z")
    assert "invalid/schema at data.object.id: is required" in carelane("events", "list").stdout
    assert "discarded" in carelane("events", "show", "evt_1").stdout
    assert "evt_1" in carelane("dead", "show", "evt_1").stdout
