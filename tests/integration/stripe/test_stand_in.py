"""The stand-in answers Stripe's own library as Stripe's reference says."""

import pytest
import stripe

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START


@pytest.fixture
def client(stand_in):
    return stripe.StripeClient("sk_test_x", base_addresses={"api": stand_in.url}, max_network_retries=0)


@pytest.fixture
def ids(world, clock):
    """Of 25 events, the oldest first."""
    made = shapes.subscription("sub_1", created=START, customer="cus_1", status="active")
    for number in range(25):
        clock.now += 1
        world.tell("customer.subscription.updated", {**made, "quantity": number})
    return [told.event["id"] for told in world.told]


def listed(client, **params):
    return [event.id for event in client.v1.events.list(params).data]


def test_events_are_listed_newest_first_and_paged(client, ids):
    assert listed(client) == ids[:-11:-1]
    assert listed(client, limit=5, starting_after=ids[10]) == ids[9:4:-1]
    assert listed(client, limit=5, ending_before=ids[10]) == ids[15:10:-1]
    every = [event.id for event in client.v1.events.list({"limit": 7}).auto_paging_iter()]
    assert every == ids[::-1]


def test_events_are_filtered_by_time_type_and_delivery(client, world, ids):
    world.told[3].delivered = False
    assert listed(client, delivery_success=False) == [ids[3]]
    assert len(listed(client, created={"gte": START + 24}, limit=100)) == 2
    assert len(listed(client, created={"lt": START + 3}, limit=100)) == 2
    assert listed(client, types=["invoice.paid"]) == []
    assert len(listed(client, type="customer.subscription.updated", limit=100)) == 25


def test_events_of_more_than_thirty_days_ago_are_listed_no_more(client, clock, ids):
    clock.now = START + 30 * 86_400 + 20
    assert listed(client, limit=100) == ids[:18:-1]


def test_subscriptions_that_ended_are_listed_when_all_are_asked_for(client, world, ids):
    world.change("customer.subscription.deleted", "subscription", "sub_1", status="canceled")
    assert client.v1.subscriptions.list().data == []
    assert [one.status for one in client.v1.subscriptions.list({"status": "all"}).data] == ["canceled"]


def test_what_is_not_there_is_told_as_stripe_tells_it(client):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.retrieve("po_none", options={"stripe_account": "acct_1"})
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_misbehaviour_raises_what_stripes_library_raises(client, faults):
    for fault, error in (("busy", stripe.RateLimitError), ("error", stripe.APIError), ("garbage", stripe.APIError)):
        faults.then([fault])
        with pytest.raises(error):
            client.v1.subscriptions.list()
