"""Payouts and connected accounts through the door: registered, followed, listed; creators see their own."""

import itertools

import pytest

from tests.factories.arrivals import arrival
from tests.factories.events import event
from tests.integration.workers.conftest import inbox, processor  # noqa: F401 - fixtures

ACCOUNT, PAYOUT_ID = "acct_1RoWanCreator0001", "owed-2025-0001"
GIVEN = {"creatorId": "creator-1", "amountMinor": 4500, "currency": "USD", "stripeAccountId": ACCOUNT}
PATH = f"/api/payouts/{PAYOUT_ID}"


@pytest.fixture
def carry(inbox, processor):  # noqa: F811
    numbers = itertools.count()

    def one(name, **changes):
        made = event(f"basil/{name}", id=f"evt_{name}_{next(numbers)}", **changes)
        return processor.process(inbox.keep(arrival(made), nudged=True).row_id)

    return one


@pytest.fixture
def creator(backend, person):
    backend.put("/api/people/p", {"creatorId": "creator-1"})
    return person("p")


def test_a_payout_is_registered_and_followed_to_the_bank_and_back(backend, carry):
    status, registered = backend.put(PATH, GIVEN)
    assert (status, registered["status"], registered["currency"]) == (201, "PENDING", "usd")
    seen = []
    for name in ("transfer.created", "payout.created", "payout.paid", "payout.failed"):
        assert carry(name) == "processed"
        seen.append(backend.get(PATH)[1])
    assert [one["status"] for one in seen] == ["PROCESSING", "PROCESSING", "COMPLETED", "FAILED"]
    assert seen[2]["processedAt"] is not None
    assert seen[3]["failedReason"] is not None
    assert [step["status"] for step in seen[3]["history"]] == ["PROCESSING", "COMPLETED", "FAILED"]
    assert len({one["message"] for one in seen}) == 3
    assert all(not one["amountMismatch"] and not one["livemode"] for one in seen)


def test_registering_again_corrects_it(backend):
    backend.put(PATH, GIVEN)
    status, corrected = backend.put(PATH, GIVEN | {"amountMinor": 5000})
    assert (status, corrected["amountMinor"]) == (200, 5000)


def test_stripes_figure_is_told_where_it_differs(backend, carry):
    backend.put(PATH, GIVEN | {"amountMinor": 1})
    carry("transfer.created")
    document = backend.get(PATH)[1]
    assert (document["amountMinor"], document["registeredAmountMinor"], document["amountMismatch"]) == (4500, 1, True)


def test_what_pays_another_payout_is_a_conflict_and_changes_nothing(backend):
    backend.put(PATH, GIVEN | {"stripeTransferId": "tr_1"})
    status, problem = backend.put("/api/payouts/other", GIVEN | {"stripeTransferId": "tr_1"})
    assert (status, problem["code"]) == (409, "ALREADY_REGISTERED")
    assert "stripeTransferId" in problem["detail"]
    assert backend.get("/api/payouts/other")[1]["code"] == "NOT_FOUND"


def test_a_mode_that_is_named_is_the_only_one(backend, carry):
    backend.put(PATH, GIVEN | {"livemode": True})
    assert carry("transfer.created", **{"data.object.metadata": {}}) == "ignored"
    assert backend.get(PATH)[1]["status"] == "PENDING"


def test_late_payouts_are_found(backend, carry):
    backend.put(PATH, GIVEN)
    backend.put("/api/payouts/early", GIVEN)
    carry("transfer.created")
    assert [one["payoutId"] for one in backend.get("/api/payouts", stale="true")[1]["payouts"]] == [PAYOUT_ID]
    assert [one["payoutId"] for one in backend.get("/api/payouts", stale="false")[1]["payouts"]] == ["early"]
    assert [one["payoutId"] for one in backend.get("/api/payouts", status="PENDING")[1]["payouts"]] == ["early"]
    assert backend.get(PATH)[1]["stale"]


def test_a_list_is_read_page_by_page(backend):
    names = [f"po-{number}" for number in range(7)]
    for name in names:
        backend.put(f"/api/payouts/{name}", GIVEN)
    read, after = [], {}
    while True:
        page = backend.get("/api/payouts", limit=3, **after)[1]
        read += [one["payoutId"] for one in page["payouts"]]
        if page["after"] is None:
            break
        after = {"after": page["after"]}
    assert read == names


def test_a_creator_sees_their_own_and_nobody_elses(backend, creator):
    backend.put(PATH, GIVEN)
    backend.put("/api/payouts/other", GIVEN | {"creatorId": "creator-2"})
    assert [one["payoutId"] for one in creator.get("/api/payouts")[1]["payouts"]] == [PAYOUT_ID]
    assert creator.get(PATH)[0] == 200
    assert creator.get("/api/payouts/other")[1]["code"] == "NOT_FOUND"
    assert creator.get("/api/payouts", creatorId="creator-2")[1]["code"] == "NOT_YOURS"
    assert creator.put(PATH, GIVEN)[1]["code"] == "MISSING_SCOPE"


def test_whoever_is_no_creator_sees_none_and_an_admin_sees_all(backend, person, service):
    backend.put(PATH, GIVEN)
    assert person("stranger").get("/api/payouts")[1]["code"] == "NOT_YOURS"
    assert service("access").get("/api/payouts")[1]["code"] == "MISSING_SCOPE"
    admin = person("a", app_metadata={"role": "admin"})
    assert [one["payoutId"] for one in admin.get("/api/payouts")[1]["payouts"]] == [PAYOUT_ID]
    assert admin.put(PATH, GIVEN | {"amountMinor": 1})[1]["code"] == "MISSING_SCOPE"


def test_an_account_is_told_to_its_creator_alone(backend, creator, person, carry):
    assert carry("account.updated", **{"data.object.id": ACCOUNT, "account": ACCOUNT}) == "processed"
    backend.put(PATH, GIVEN)
    status, document = creator.get(f"/api/accounts/{ACCOUNT}")
    assert (status, document["accountId"], document["creatorId"]) == (200, ACCOUNT, "creator-1")
    assert document["onboardingStatus"] in {"pending", "completed", "restricted"}
    backend.put("/api/people/q", {"creatorId": "creator-2"})
    assert person("q").get(f"/api/accounts/{ACCOUNT}")[1]["code"] == "NOT_YOURS"
    assert person("q").get("/api/accounts/acct_none")[1]["code"] == "NOT_YOURS"
    assert backend.get("/api/accounts/acct_none")[1]["code"] == "NOT_FOUND"


def test_a_cursor_that_no_list_has_given_is_refused(backend):
    assert {backend.get("/api/payouts", after=after)[1]["code"] for after in ("!", "AA")} == {"INVALID_FIELDS"}
