"""The naive pipelines read the very payload that all targets are sent."""

import json

from bench import signed
from bench.peers import naive_work


def test_the_payload_is_valid_for_the_naive_schema():
    (delivery,) = signed.deliveries(signed.Wish(count=1))
    event = json.loads(delivery.body)
    read = naive_work._SUBSCRIPTION.load(event["data"]["object"])
    assert read["id"] == delivery.fields.subject
    assert read["customer"] == delivery.fields.customer
