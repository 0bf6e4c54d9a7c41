"""Keeps early fraud warnings, which Carelane itself does not act on."""

from typing import ClassVar

from schemas.errors import SchemaError
from schemas.reading import Event
from shared.db import Connection
from shared.extensions import HandedEvent

_KEEP = """
INSERT INTO fraud_warnings (event_row, warning_id, charge_id)
VALUES (%(event_row)s, %(warning_id)s, %(charge_id)s)
"""


class FraudWarnings:
    types: ClassVar[frozenset[str]] = frozenset({"radar.early_fraud_warning.created"})

    def handle(self, conn: Connection, event: HandedEvent) -> None:
        conn.execute(_KEEP, {"event_row": event.row_id} | read(event))


def read(event: Event) -> dict[str, str]:
    """The warning's id and its charge's; Stripe sends the charge as an id or as the expanded object."""
    charge = event.object.get("charge")
    charge_id = charge.get("id") if isinstance(charge, dict) else charge
    if not isinstance(charge_id, str):
        raise SchemaError("data.object.charge", "a charge is required")
    return {"warning_id": str(event.object.get("id")), "charge_id": charge_id}


warnings = FraudWarnings()
