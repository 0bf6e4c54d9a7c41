"""Thin events: they name an object and show nothing of it; what Stripe says of it goes the way of all events.

Where Stripe made a snapshot of the same change, that very event is brought: should it be delivered as well, it is here
already, and everything happens once. Of other changes the object is brought as it stands now.
"""

from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded

from schemas.errors import SchemaError
from schemas.reading import Event
from shared import fetched_arrivals, stripe_cursors, stripe_objects
from shared.db import Connection, Pool
from shared.errors import StripeAway, StripeRefuses
from shared.inbox import Inbox
from shared.queries import load
from shared.stripe_api.client import StripeApi
from shared.stripe_api.trouble import garbage
from shared.stripe_modes import KEYS
from shared.stripe_objects import Wanted
from shared.thin_types import THIN
from workers.ledger import Reason, Settlement


class Thin:
    """`snapshots` keeps as a backfill does, `objects` as a reconciliation; `livemode` is the key's, where it tells."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        api: StripeApi,
        pool: Pool,
        *,
        snapshots: Inbox,
        objects: Inbox,
        access_critical_types: frozenset[str],
        livemode: bool | None = None,
    ) -> None:
        self._api = api
        self._pool = pool
        self._snapshots = snapshots
        self._objects = objects
        self._access_critical_types = access_critical_types
        self._livemode = livemode

    def settle(self, event: Event) -> Settlement:
        """How it ends, once what it tells is kept; raises StripeAway, and StripeRefuses where the key may not look."""
        try:
            return self._settle(event)
        except SoftTimeLimitExceeded as error:
            # The lane's time was up while Stripe was waited for: no fault of the event's.
            raise StripeAway("Stripe took longer than the lane has time", code="stripe_slow") from error

    def _settle(self, event: Event) -> Settlement:
        kind = THIN.get(event.type)
        if kind is None:
            return Settlement("ignored", Reason("ignored", "no_handler", "no handler for this type of event"))
        if event.related_id is None or event.created is None:
            raise SchemaError("related_object.id", "an id and a time are required of a thin event")
        if event.livemode is not None and self._livemode is (not event.livemode):
            message = "no Stripe API key of its mode: of this one's objects the key is told nothing"
            return Settlement("ignored", Reason("ignored", "no_stripe_api_key", message), (KEYS[event.livemode],))
        snapshot_id = self._snapshot_id(event)
        if snapshot_id is not None and self._bring_snapshot(snapshot_id, event):
            return _resolved("snapshot", f"its snapshot {snapshot_id} tells the same")
        # An account is known under its own name, whoever told of it.
        account = event.related_id if kind == "account" else event.account
        return self._bring_object(Wanted(kind, event.related_id, account, event.livemode), event)

    def _snapshot_id(self, event: Event) -> str | None:
        try:
            full = self._api.get(f"/v2/core/events/{event.id}", context=event.context).document
        except StripeRefuses as error:
            if error.code != "stripe_gone":
                raise
            return None
        if full.get("id") != event.id:
            raise garbage()
        snapshot_id = full.get("snapshot_event")
        return snapshot_id if isinstance(snapshot_id, str) else None

    def _bring_snapshot(self, snapshot_id: str, event: Event) -> bool:
        """Whether it is here now. The inbox takes each once, whoever brings it and however many at a time."""
        with self._pool.transaction() as conn:
            if not stripe_cursors.unknown(conn, [snapshot_id], event.account):
                return True
        try:
            snapshot = self._api.get(f"/v1/events/{snapshot_id}", account=event.account).document
        except StripeRefuses as error:
            if error.code != "stripe_gone":
                raise
            return False
        if snapshot.get("id") != snapshot_id:
            raise garbage()
        critical = self._access_critical_types
        arrival = fetched_arrivals.of_event(snapshot, account=event.account, access_critical_types=critical)
        self._snapshots.keep(arrival, nudged=False)
        return True

    def _bring_object(self, wanted: Wanted, event: Event) -> Settlement:
        if self._is_known_newer(wanted, event):
            # So of many thin events about one object a single one asks.
            return _resolved("known", "what is known of its object is newer")
        seen = stripe_objects.fetch(self._api, wanted)
        if seen.document is None or seen.asked_at is None:
            return Settlement("ignored", Reason("ignored", "gone", "Stripe shows the object of this event no more"))
        arrival = fetched_arrivals.of_object(
            seen.document, account=wanted.account, livemode=wanted.livemode, asked_at=seen.asked_at
        )
        self._objects.keep(arrival, nudged=False)
        return _resolved("object", f"its object was fetched: {arrival.event_id}")

    def _is_known_newer(self, wanted: Wanted, event: Event) -> bool:
        """As it was folded, or as it was fetched and waits for that. All times are of Stripe's clock."""
        if event.created is None:
            return False
        with self._pool.transaction() as conn:
            rows = conn.execute(
                load("reconcile")["at"],
                {"kind": wanted.kind, "account": wanted.account, "ids": [wanted.subject_id]},
            ).fetchall()
            latest = [row["latest_at"] for row in rows if row["livemode"] is wanted.livemode and row["latest_at"]]
            return any(moment > event.created for moment in latest) or self._is_fetched(conn, wanted, event.created)

    def _is_fetched(self, conn: Connection, wanted: Wanted, since: datetime) -> bool:
        first, last = fetched_arrivals.ids_after(wanted.subject_id, since)
        parameters = {"first": first, "last": last, "account": wanted.account, "livemode": wanted.livemode}
        return conn.execute(load("reconcile")["fetched_between"], parameters).fetchone() is not None


def _resolved(code: str, message: str) -> Settlement:
    return Settlement("processed", Reason("resolved", code, message))
