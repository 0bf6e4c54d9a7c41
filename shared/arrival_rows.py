"""An arrival as the row that is kept: sealed, and with what it is looked up by; many of them as arrays."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from shared import arrays, crypto
from shared.arrivals import Arrival

# Stripe renders this counter anew for each delivery; it alone does not make two bodies different.
_COUNTER = re.compile(rb'"pending_webhooks"\s*:\s*\d+')

Row = tuple[Any, ...]

# In the order of a row.
_COLUMNS: Mapping[str, arrays.Type] = MappingProxyType(
    {
        "event_id": arrays.TEXT,
        "account": arrays.TEXT,
        "livemode": arrays.BOOLEAN,
        "type": arrays.TEXT,
        "api_version": arrays.TEXT,
        "occurred_at": arrays.MOMENT,
        "object_kind": arrays.TEXT,
        "object_id": arrays.TEXT,
        "customer_hash": arrays.BYTES,
        "body_hash": arrays.BYTES,
        "body_bytes": arrays.INTEGER,
        "secret_name": arrays.TEXT,
        "signed_at": arrays.MOMENT,
        "lane": arrays.TEXT,
        "lane_reason": arrays.TEXT,
        "urgency": arrays.SHORT,
        "nudged": arrays.BOOLEAN,
        "data_key_id": arrays.UUIDS,
        "nonce": arrays.BYTES,
        "sealed": arrays.BYTES,
    }
)


def row(arrival: Arrival, *, nudged: bool, key: crypto.DataKey, lookup_key: bytes) -> Row:
    sealed = crypto.seal(key, arrival.body, arrival.identity)
    return (
        arrival.event_id,
        arrival.account,
        arrival.livemode,
        arrival.type,
        arrival.api_version,
        arrival.occurred_at,
        arrival.object_kind,
        arrival.object_id,
        customer_hash(lookup_key, arrival.customer_id),
        crypto.lookup_hash(lookup_key, "body", _COUNTER.sub(b"", arrival.body)),
        len(arrival.body),
        arrival.secret_name,
        arrival.signed_at,
        arrival.placement.lane,
        arrival.placement.reason,
        arrival.placement.urgency,
        nudged,
        sealed.data_key_id,
        sealed.nonce,
        sealed.sealed,
    )


def order(row: Row) -> tuple[str, str, int]:
    """By identity: groups that share events wait for each other's unique keys in one direction only."""
    event_id, account, livemode = row[:3]
    return event_id, account or "", -1 if livemode is None else int(livemode)


def parameters(rows: Sequence[Row]) -> dict[str, arrays.Array]:
    columns = zip(_COLUMNS.items(), zip(*rows, strict=True), strict=True)
    return {name: arrays.array(of, values) for (name, of), values in columns}


def customer_hash(lookup_key: bytes, customer_id: str | None) -> bytes | None:
    """How a Stripe customer is known in look-ups; None for none."""
    return None if customer_id is None else crypto.lookup_hash(lookup_key, "customer", customer_id.encode())
