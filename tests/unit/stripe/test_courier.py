"""Deliveries of the stand-in: signed as Stripe signs, and wrong in the ways that were asked for."""

from random import Random

import pytest
import stripe

from ingress.cli.simulator import shapes
from ingress.cli.simulator.courier import Troubles, deliveries
from ingress.cli.simulator.lives import START, Clock
from ingress.cli.simulator.world import World
from ingress.webhook import signature
from shared.setting_values import WebhookSecret

OLD, NEW = "whsec_the_old_one_0123456789", "whsec_the_new_one_0123456789"


@pytest.fixture
def told():
    clock = Clock()
    world = World(clock=clock)
    for number in range(200):
        clock.now += 60
        made = shapes.subscription(f"sub_{number}", created=START, customer="cus_1", status="active")
        world.tell("customer.subscription.created", made)
    return world.told


def ids(made):
    return [one.event["id"] for one in made]


def delivered(told, **troubles):
    return list(deliveries(told, Troubles(**troubles), Random(1)))


def test_without_troubles_each_arrives_once_and_in_order(told):
    assert ids(delivered(told)) == ids(told)


def test_some_are_lost_and_stripe_does_not_know(told):
    assert 0 < len(delivered(told, lost=0.1)) < len(told)
    assert all(one.delivered for one in told)


def test_some_come_twice(told):
    made = ids(delivered(told, duplicated=0.1))
    assert len(made) > len(set(made)) == len(told)


def test_they_come_in_another_order(told):
    made = ids(delivered(told, shuffled_seconds=3600))
    assert made != ids(told)
    assert sorted(made) == sorted(ids(told))


def test_what_nobody_answers_is_tried_again_until_stripe_gives_up(told):
    down = (START + 600, START + 1200)
    late = delivered(told, down=down, tries_after=(300, 600))
    assert sorted(ids(late)) == sorted(ids(told))
    assert ids(late) != ids(told)
    assert len(delivered(told, down=down, tries_after=())) == sum(one.delivered for one in told) < len(told)


@pytest.mark.parametrize("secrets", [(OLD,), (OLD, NEW), (NEW, OLD)])
def test_each_is_signed_with_every_secret_while_one_is_rolled(told, secrets):
    (one, *_) = delivered(told, secrets=secrets)
    for secret in secrets:
        assert stripe.WebhookSignature.verify_header(one.body, one.signature, secret, tolerance=None)
        verdict = signature.verify(one.signature, one.body, secrets=[WebhookSecret("x", secret)], now=int(one.at))
        assert isinstance(verdict, signature.Verified)


def test_a_clock_that_is_off_shows_in_the_signature(told):
    (one, *_) = delivered(told, secrets=(OLD,), clock_offset_seconds=-600)
    verdict = signature.verify(one.signature, one.body, secrets=[WebhookSecret("x", OLD)], now=int(one.at))
    assert verdict == signature.Refused("REPLAY_ATTACK")


def test_an_event_of_an_account_names_it_when_it_is_delivered():
    world = World(clock=Clock())
    world.tell("account.updated", shapes.account("acct_1", created=START, enabled=True), account="acct_1")
    (one,) = delivered(world.told)
    assert one.event["account"] == "acct_1"
    assert "account" not in world.told[0].event
