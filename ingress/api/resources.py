"""Every call of the application door, one table from each resource."""

from collections.abc import Mapping, Sequence

from ingress.api import (
    access,
    accounts,
    admin_dead_letters,
    admin_events,
    admin_reconcile,
    assessments,
    crises,
    devices,
    emergency_access,
    hotline,
    payment_status,
    payouts,
    people,
    sync,
)
from ingress.api.calls import Call

# By the name under which they are told to readers; `access` is served apart, for it may wait for nothing.
RESOURCES: Mapping[str, Sequence[Call]] = {
    "people": people.CALLS,
    "payment status": payment_status.CALLS,
    "crisis": [*crises.CALLS, *assessments.CALLS],
    "emergency access": [*emergency_access.CALLS, *hotline.CALLS],
    "payouts": payouts.CALLS,
    "accounts": accounts.CALLS,
    "devices": [*devices.CALLS, *sync.CALLS],
    "admin": [*admin_events.CALLS, *admin_dead_letters.CALLS, *admin_reconcile.CALLS],
}
TOLD: Mapping[str, Sequence[Call]] = {"access": [access.CALL], **RESOURCES}
