"""The bench sends what Stripe sends: signed, each with an id of its own; and what wrk puts together is the same."""

import json
import re

from bench import prepared, signed
from ingress.webhook import signature
from shared import envelope
from shared.setting_values import WebhookSecret

NOW = 1_790_000_000
URL = "http://127.0.0.1:8000/api/webhooks/stripe"


def made(**wishes):
    return list(signed.deliveries(signed.Wish(**wishes), now=lambda: NOW))


def test_the_door_accepts_a_delivery_and_reads_its_envelope():
    (delivery,) = made(count=1)
    secrets = [WebhookSecret("bench", signed.SECRET)]
    verdict = signature.verify(delivery.header, delivery.body, secrets=secrets, now=NOW)
    assert isinstance(verdict, signature.Verified)
    read = envelope.read(delivery.body)
    assert (read.id, read.type) == (delivery.fields.event, "customer.subscription.updated")
    assert (read.object_id, read.customer_id) == (delivery.fields.subject, delivery.fields.customer)


def test_a_body_is_of_three_kilobytes():
    assert 2900 < len(made(count=1)[0].body) < 3200


def test_every_delivery_has_an_id_of_its_own_and_batches_do_not_meet():
    ids = [one.fields.event for _ in range(2) for one in made(count=50)]
    assert len(set(ids)) == 100


def test_events_of_one_subject_follow_each_other_by_a_second():
    times = [int(one.fields.created) for one in made(count=6, subjects=2)]
    assert [late - early for early, late in zip(times, times[2:], strict=False)] == [1, 1, 1, 1]


def test_the_customer_is_who_was_asked_for():
    (delivery,) = made(count=1, customer_of=lambda _: "cus_InDanger000001")
    assert json.loads(delivery.body)["data"]["object"]["customer"] == "cus_InDanger000001"


def test_the_pieces_and_records_that_wrk_gets_make_whole_signed_requests():
    with prepared.batch(URL, 3, subjects=2) as batch:
        requests = list(assembled(batch.template.read_text(), batch.records.read_bytes()))
    assert len(requests) == 3
    ids = set()
    for request in requests:
        head, _, body = request.partition("\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        assert head.startswith("POST /api/webhooks/stripe HTTP/1.1\r\n")
        assert int(headers["Content-Length"]) == len(body)
        at = int(re.match(r"t=(\d+),", headers["Stripe-Signature"])[1])
        secrets = [WebhookSecret("bench", signed.SECRET)]
        verdict = signature.verify(headers["Stripe-Signature"], body.encode(), secrets=secrets, now=at)
        assert isinstance(verdict, signature.Verified)
        ids.add(json.loads(body)["id"])
    assert len(ids) == 3


def assembled(template, records):
    """What load.lua does: a record's parts between the template's pieces."""
    pieces = [json.loads(found) for found in re.findall(r'"(?:[^"\\]|\\.)*"', template)]
    places = [(int(first), int(last)) for first, last in re.findall(r"\{(\d+),(\d+)\}", template)]
    size = int(re.search(r"record_bytes=(\d+)", template)[1])
    for start in range(0, len(records), size):
        record = records[start : start + size].decode()
        parts = [record[first - 1 : last] for first, last in places]
        yield pieces[0] + "".join(part + piece for part, piece in zip(parts, pieces[1:], strict=True))
