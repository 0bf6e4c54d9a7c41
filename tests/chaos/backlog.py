"""A backlog kept by the door's own statement, many at a time: for cases in which the door is not the subject."""

import base64
from contextlib import closing
from itertools import islice

import orjson

from shared.arrivals import Kept
from shared.config import Settings
from shared.db import Pool
from shared.inbox import Inbox, customer_hash
from shared.rules import lanes
from tests.factories.arrivals import arrival

BATCH = 1000
CRITICAL = Settings().access_critical_types


def key(settings, name):
    return base64.b64decode(settings[name])


def keep(settings, events):
    """None of them nudged: the relay rings for them."""
    url = settings["DATABASE_URL"]
    public, lookup = (key(settings, name) for name in ("CARELANE_SEAL_PUBLIC_KEY", "CARELANE_LOOKUP_KEY"))
    left = iter(events)
    with closing(Pool(url, name="backlog", size=1)) as pool:
        inbox = Inbox(pool, public_key=public, lookup_key=lookup)
        while batch := [arrived(event) for event in islice(left, BATCH)]:
            kept = inbox.keep_many(batch, nudged=[False] * len(batch))
            assert all(isinstance(one, Kept) for one in kept)


def arrived(event):
    placement = lanes.place(event["type"], marked_crisis=False, access_critical_types=CRITICAL)
    return arrival(event, body=orjson.dumps(event), placement=placement)


def open_crisis(scene, customer):
    """From now on this customer is a person in danger."""
    known = customer_hash(key(scene.carelane.settings(), "CARELANE_LOOKUP_KEY"), customer)
    scene.query("INSERT INTO people (user_id) VALUES (%s)", customer)
    scene.query("INSERT INTO customers (customer_hash, user_id) VALUES (%s, %s)", known, customer)
    scene.query(
        "INSERT INTO crises (user_id, source, severity, opened_by) VALUES (%s, 'button', 'severe', 'test')", customer
    )
