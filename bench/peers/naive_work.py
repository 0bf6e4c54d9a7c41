"""What the naive pipelines do with one event: claim, parse, validate, lock the subject, update, history, settle.

One transaction and one commit an event, statements prepared by psycopg as they repeat.
"""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
from marshmallow import EXCLUDE, Schema, fields

from bench.statements import load

Connection = psycopg.Connection[Any]


class Price(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True)


class Item(Schema):
    class Meta:
        unknown = EXCLUDE

    price = fields.Nested(Price, required=True)


class Items(Schema):
    class Meta:
        unknown = EXCLUDE

    data = fields.List(fields.Nested(Item), required=True)


class Subscription(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True)
    customer = fields.String(required=True)
    status = fields.String(required=True)
    current_period_end = fields.Integer(required=True)
    cancel_at_period_end = fields.Boolean(required=True)
    items = fields.Nested(Items, required=True)


_SUBSCRIPTION = Subscription()


def carry(conn: Connection, row_id: int) -> None:
    """Within the caller's transaction."""
    sql = load("naive")
    claimed = conn.execute(sql["claim"], {"id": row_id}).fetchone()
    if claimed is None:
        return
    event = json.loads(claimed[0])
    read = _SUBSCRIPTION.load(event["data"]["object"])
    occurred_at = datetime.fromtimestamp(event["created"], UTC)
    found = conn.execute(sql["lock_subscription"], {"id": read["id"]}).fetchone()
    before, latest_at = found or (None, None)
    if latest_at is None or occurred_at >= latest_at:
        conn.execute(sql["update_subscription"], _values(read, occurred_at))
        _note(conn, row_id, read, before=before, occurred_at=occurred_at)
    conn.execute(sql["settle"], {"id": row_id})


def _values(read: dict[str, Any], occurred_at: datetime) -> dict[str, Any]:
    return {
        "id": read["id"],
        "customer": read["customer"],
        "status": read["status"],
        "price": read["items"]["data"][0]["price"]["id"],
        "current_period_end": datetime.fromtimestamp(read["current_period_end"], UTC),
        "occurred_at": occurred_at,
    }


def _note(conn: Connection, row_id: int, read: dict[str, Any], *, before: str | None, occurred_at: datetime) -> None:
    line = {
        "subscription_id": read["id"],
        "event_row": row_id,
        "from_status": before,
        "to_status": read["status"],
        "occurred_at": occurred_at,
    }
    conn.execute(load("naive")["note"], line)
