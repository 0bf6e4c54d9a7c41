"""Lists that Stripe, what stands before it, or our own clock and operators get wrong: nothing is left out for good."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from shared import stripe_desk
from shared.errors import StripeAway, StripeRefuses

BEGIN = datetime.fromtimestamp(START - 60, UTC)
ENDLESS = 20


@pytest.fixture
def tell(world, clock):
    def tell(count, id_, *, delivered=True):
        made = shapes.subscription(id_, created=START, customer="cus_1", status="active")
        for number in range(count):
            clock.now += 1
            type_ = f"customer.subscription.{'updated' if number else 'created'}"
            world.tell(type_, {**made, "quantity": number}).delivered = delivered

    return tell


@pytest.fixture
def read(receiver, api, clock):
    def read(*, api=api, ahead=0, account=None, again_from=None, **how):
        filler = stripe_desk.backfill(receiver.settings, api, receiver.pool, **how)
        now = datetime.fromtimestamp(clock.now + ahead, UTC)
        return list(filler.read(account, now=now, begin=BEGIN, again_from=again_from))

    return read


@pytest.fixture
def kept(receiver):
    return lambda: receiver.query("SELECT count(*) AS kept FROM events")[0]["kept"]


class Answering:
    """The stand-in's answers, changed by `change(document, asked)`."""

    def __init__(self, api, change):
        self.api, self.change, self.asked = api, change, 0

    def get(self, path, **asked):
        self.asked += 1
        assert self.asked < ENDLESS
        fetched = self.api.get(path, **asked)
        return replace(fetched, document=self.change(fetched.document, asked))


def test_a_clock_that_is_ahead_leaves_nothing_out(read, tell, clock, kept):
    tell(3, "sub_1")
    read(ahead=1200)
    clock.now += 300
    tell(2, "sub_2")
    clock.now += 300
    read(ahead=1200)
    assert kept() == 5


def test_to_read_a_part_again_leaves_out_nothing_that_lies_before_it(read, tell, clock, kept):
    tell(3, "sub_1")
    read()
    clock.now += 3600
    tell(2, "sub_2")
    clock.now += 86_400
    tell(2, "sub_3")
    read(again_from=datetime.fromtimestamp(clock.now, UTC) - timedelta(hours=1))
    clock.now += 600
    read()
    assert kept() == 7


def test_a_dry_run_counts_each_missing_event_once(read, tell):
    tell(3, "sub_1", delivered=False)
    tell(2, "sub_2")
    assert sum(page.brought for page in read(dry_run=True)) == 5


def test_what_stripe_lists_no_more_is_told_once_and_not_of_a_list_that_is_refused(receiver, read, faults, clock):
    clock.now += 40 * 86_400
    for _ in range(3):
        faults.then(["refused"])
        with pytest.raises(StripeRefuses):
            read(account="acct_gone")
    assert receiver.query("SELECT 1 FROM audit WHERE act = 'backfill.horizon'") == []
    for _ in range(2):
        read()
    assert len(receiver.query("SELECT 1 FROM audit WHERE act = 'backfill.horizon'")) == 1


def test_the_platforms_own_account_is_no_connected_one(receiver, world, api):
    receiver.keep([world.tell("account.updated", shapes.account("acct_own", created=START, enabled=True)).event])
    receiver.carry()
    assert stripe_desk.backfill(receiver.settings, api, receiver.pool).lists() == [None]


def test_an_account_that_took_its_leave_is_asked_for_no_events(receiver, world, clock, api):
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    account = shapes.account("acct_1", created=START, enabled=True)
    receiver.keep([{**world.tell("account.updated", account).event, "account": "acct_1"}])
    receiver.carry()
    assert filler.lists() == [None, "acct_1"]
    clock.now += 5
    left = world.tell("account.application.deauthorized", {"object": "application", "id": "ca_1"}).event
    receiver.keep([{**left, "account": "acct_1"}])
    receiver.carry()
    assert filler.lists() == [None]


@pytest.mark.parametrize(
    "page",
    [
        lambda document: {name: document[name] for name in ("object", "data")},
        lambda document: {**document, "data": [], "has_more": True},
        lambda document: {**document, "has_more": None},
        lambda document: {**document, "data": [{"object": "event"}]},
    ],
    ids=["no word of more", "more of nothing", "null", "without a name"],
)
def test_what_cannot_be_a_page_moves_no_cursor(receiver, api, read, tell, kept, page):
    tell(150, "sub_1")
    with pytest.raises(StripeAway):
        read(api=Answering(api, lambda document, _: page(document)))
    assert kept() == 0
    assert receiver.query("SELECT done_until FROM stripe_cursors") == [{"done_until": BEGIN}]
    read()
    assert kept() == 150


def test_the_same_page_again_and_again_is_no_list(api, read, tell):
    tell(150, "sub_1")
    first = []

    def same(document, asked):
        if asked["delivery_success"] is None:
            first.append(document)
        return first[0] if first else document

    with pytest.raises(StripeAway):
        read(api=Answering(api, same))


def test_an_event_that_a_page_holds_twice_is_brought_once(api, read, tell, kept):
    tell(3, "sub_1")
    pages = read(api=Answering(api, lambda document, _: {**document, "data": document["data"] * 2}))
    assert (sum(page.brought for page in pages), kept()) == (3, 3)


def test_half_a_character_in_somebodys_words_holds_up_no_page(receiver, api, read, tell):
    tell(3, "sub_1")

    def broken(document, _):
        document = json.loads(json.dumps(document))
        for event in document["data"]:
            event["data"]["object"]["metadata"] = {"tier": "basic", "note": "\ud83d"}
        return document

    read(api=Answering(api, broken))
    receiver.carry()
    assert receiver.query("SELECT DISTINCT state FROM events") == [{"state": "processed"}]
