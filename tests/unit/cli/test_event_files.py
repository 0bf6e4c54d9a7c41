"""Events in files, bare or as the clouds wrap them."""

import json

import pytest

from ingress.cli import event_files
from tests.factories.recorded import FOLDER, needed

EVENT = {"id": "evt_1", "object": "event", "type": "customer.created"}


@pytest.fixture
def file(tmp_path):
    def write(document):
        path = tmp_path / "events.json"
        path.write_text(json.dumps(document))
        return [path]

    return write


@pytest.mark.parametrize(
    "document",
    [
        EVENT,
        [EVENT],
        {"object": "list", "data": [EVENT]},
        {"version": "0", "id": "other", "detail-type": "customer.created", "detail": EVENT},
        {"specversion": "1.0", "id": "other", "type": "customer.created", "data": EVENT},
        [{"specversion": "1.0", "id": "other", "data": EVENT}],
    ],
)
def test_an_event_is_found_bare_listed_or_wrapped(file, document):
    assert event_files.read(file(document)) == [EVENT]


def test_an_event_of_ones_own_making_needs_no_name_for_what_it_is(file):
    assert event_files.read(file({"id": "evt_1", "type": "x"})) == [{"id": "evt_1", "type": "x"}]


@pytest.mark.parametrize("data", [None, "evt_1", {"object": "customer", "id": "cus_1", "type": "customer.created"}])
def test_an_envelope_without_an_event_is_refused(file, data):
    with pytest.raises(ValueError, match="without an event"):
        event_files.read(file({"specversion": "1.0", "id": "other", "data": data}))


@needed
def test_the_envelopes_that_stripe_shows_are_understood():
    found, refused = set(), set()
    for path in sorted(FOLDER.glob("*/cloud/*.json")):
        try:
            found |= {event["id"] for event in event_files.read([path])}
        except ValueError:
            refused.add(path.name)
    assert found == {"evt_test_123", "evt_test_456", "evt_test_789"}
    # One shows a customer in an event's place, two show nothing.
    assert refused == {"customer.created.3.json", "customer.created.4.json", "v2.core.event_destination.ping.3.json"}
