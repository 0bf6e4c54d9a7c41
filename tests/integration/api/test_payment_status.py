"""How a person's payments stand, through the door."""

from tests.factories.arrivals import arrival
from tests.factories.events import event
from tests.integration.workers.conftest import inbox, processor  # noqa: F401 - fixtures


def test_a_person_is_told_of_subscription_and_last_payment(backend, known, person, inbox, processor):  # noqa: F811
    for name in ("customer.subscription.updated", "invoice.payment_failed", "setup_intent.succeeded"):
        made = event(f"basil/{name}", id=f"evt_{name}", **{"data.object.customer": "cus_1"})
        assert processor.process(inbox.keep(arrival(made), nudged=True).row_id) == "processed"
    status, document = backend.get("/api/payment-status/p")
    assert status == 200
    assert [one["status"] for one in document["subscriptions"]] == ["active"]
    assert document["lastPayment"]["status"] == "failed"
    assert document["paymentMethodOnFile"] is True
    assert person("p").get("/api/payment-status/p")[0] == 200


def test_of_somebody_without_payments_that_is_told(backend, known):
    _, document = backend.get("/api/payment-status/p")
    assert (document["subscriptions"], document["lastPayment"], document["paymentMethodOnFile"]) == ([], None, False)


def test_nobody_elses_and_nobody_at_all(person, backend, known):
    assert person("q").get("/api/payment-status/p")[1]["code"] == "NOT_YOURS"
    assert backend.get("/api/payment-status/stranger")[1]["code"] == "NOT_FOUND"
    assert backend.get("/api/payment-status/%00")[1]["code"] == "NOT_FOUND"


def test_a_status_that_has_not_changed_is_not_sent_again(client, backend, known):
    backend.get("/api/payment-status/p")
    headers = {**backend.headers, "If-None-Match": backend.last.headers["ETag"]}
    assert client.get("/api/payment-status/p", headers=headers).status_code == 304
    backend.get("/api/access/p")
    headers["If-None-Match"] = backend.last.headers["ETag"]
    assert client.get("/api/access/p", headers=headers).status_code == 304
    backend.post("/api/crisis", {"userId": "p", "source": "clinician", "severity": "severe"})
    assert client.get("/api/access/p", headers=headers).status_code == 200
