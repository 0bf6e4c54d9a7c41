"""A backlog as the door would have kept it, many rows to a COPY: the same sealing, hashes, lanes and columns.

tests/integration/bench/test_backlog.py shows that such a row is the one that `Inbox.keep` writes.
"""

import base64
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import psycopg

from bench import signed
from bench.statements import load
from shared import crypto, data_keys, db
from shared.inbox import customer_hash
from shared.rules import lanes

_TYPE = "customer.subscription.updated"
_PLACEMENT = lanes.place(_TYPE, marked_crisis=False, access_critical_types=frozenset())
# As the inbox leaves it out of a body's hash.
_COUNTER = re.compile(rb'"pending_webhooks"\s*:\s*\d+')
_SECRET_NAME = "bench"  # noqa: S105 - the name of a secret, as it stands in a row


@dataclass(frozen=True, slots=True)
class Keys:
    """What a home seals and looks up with; `settings` are its environment variables."""

    seal: crypto.DataKey = field(repr=False)
    lookup: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Keys":
        """A data key of its own, stored wrapped, as each door process has one."""
        sealing = crypto.new_data_key(base64.b64decode(settings["CARELANE_SEAL_PUBLIC_KEY"]))
        with db.connect(settings["DATABASE_URL"], name="bench") as conn:
            data_keys.store(conn, sealing)
        return cls(sealing, base64.b64decode(settings["CARELANE_LOOKUP_KEY"]))


def release(conn: "psycopg.Connection[Any]", keys: Keys, wish: signed.Wish, *, created: int | None = None) -> int:
    """Keep them all in one transaction, so that they appear to the workers at once; the first row's id.

    `created` is the first event's, in Unix seconds; a day ago when not given.
    """
    sql, first = load("backlog"), created or int(time.time()) - 86_400
    with conn.transaction(), closing(conn.cursor()) as cursor:
        cursor.execute(sql["take_ids"], {"count": wish.count})
        heads = [(row["id"], row["received_at"]) for row in cursor.fetchall()]
        with cursor.copy(sql["copy_events"]) as copy:
            for head, fields in zip(heads, signed.fields_of(wish, created=first), strict=True):
                copy.write_row(head + _row(keys, fields))
        with cursor.copy(sql["copy_bodies"]) as copy:
            for head, fields in zip(heads, signed.fields_of(wish, created=first), strict=True):
                copy.write_row(head + _sealed(keys, fields))
        # What autovacuum would have done while a real backlog grew.
        cursor.execute(sql["analyze"])
    return int(heads[0][0])


def _row(keys: Keys, fields: signed.Fields) -> tuple[object, ...]:
    body = signed.body_of(fields)
    occurred_at = datetime.fromtimestamp(int(fields.created), UTC)
    return (
        fields.event,
        None,
        False,
        _TYPE,
        _api_version(),
        occurred_at,
        "subscription",
        fields.subject,
        customer_hash(keys.lookup, fields.customer),
        crypto.lookup_hash(keys.lookup, "body", _COUNTER.sub(b"", body)),
        len(body),
        _SECRET_NAME,
        occurred_at,
        *(_PLACEMENT.lane, _PLACEMENT.reason, _PLACEMENT.urgency),
    )


def _sealed(keys: Keys, fields: signed.Fields) -> tuple[object, ...]:
    sealed = crypto.seal(keys.seal, signed.body_of(fields), crypto.Identity(None, False, fields.event))
    return sealed.data_key_id, sealed.nonce, sealed.sealed


@cache
def _api_version() -> str:
    first = next(signed.fields_of(signed.Wish(count=1), created=1_700_000_000))
    return str(orjson.loads(signed.body_of(first))["api_version"])
