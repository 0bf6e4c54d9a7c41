"""Who hears what: a person what is theirs, a creator their payouts too, a device its operations, a service all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingress.api.principals import Principal
from ingress.api.problems import Problem
from shared import devices, payout_views, people, sync
from shared.db import Connection
from shared.notices import STAFF
from shared.outbox import Told
from shared.rules.standing import Policy
from shared.rules.sync_operations import KIND, is_for, is_urgent
from shared.rules.sync_pace import PACES, Pace
from shared.user_ids import is_user_id

SCOPE = "stream"
_STAFF_SCOPE = "admin:read"
_DEVICES_SCOPE = "devices"
# What is owed to others in other ways never goes over a stream.
_HEARD_BY_SERVICES = ("person:", "creator:", "account:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """`recipients` None: every person, creator and account. `device_id`: that device's operations, at its pace."""

    name: str
    recipients: frozenset[str] | None
    hears_staff: bool = False
    device_id: str | None = None
    pace: Pace | None = None

    def hears(self, recipient: str, kind: str, data: Mapping[str, Any]) -> bool:
        if self.recipients is not None:
            is_told = recipient in self.recipients
        else:
            is_told = recipient.startswith(_HEARD_BY_SERVICES) or (self.hears_staff and recipient == STAFF)
        if self.device_id is None or not is_told:
            return is_told
        return is_for(data, self.device_id) if kind == KIND else is_urgent(kind, data)

    def hears_notice(self, told: Told) -> bool:
        return self.hears(told.recipient, told.kind, told.data)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the query asks for: a person where a service means one alone, a device where it is one that listens."""

    user_id: str | None = None
    device_id: str | None = None


def of(conn: Connection, principal: Principal, wish: Wish, policy: Policy) -> Audience:
    """Raises Problem for what is not theirs, UnknownDevice."""
    if wish.device_id is not None:
        return _of_device(conn, principal, wish.device_id, policy)
    user_id = wish.user_id or principal.user_id
    if user_id is None:
        principal.require(SCOPE)
        hears_staff = _STAFF_SCOPE in principal.scopes
        return Audience(name=principal.actor, recipients=None, hears_staff=hears_staff)
    principal.require_own(user_id, scope=SCOPE)
    return Audience(name=principal.actor, recipients=_of_person(conn, user_id))


def _of_device(conn: Connection, principal: Principal, device_id: str, policy: Policy) -> Audience:
    if principal.user_id is None:
        principal.require(SCOPE)
        principal.require(_DEVICES_SCOPE)
    device = devices.require(conn, device_id, of=principal.user_id)
    devices.see(conn, device_id)
    pace = PACES[str(sync.pace_of(conn, device.user_id, policy)["frequency"])]
    recipients = frozenset({f"person:{device.user_id}"})
    return Audience(name=principal.actor, recipients=recipients, device_id=device_id, pace=pace)


def _of_person(conn: Connection, user_id: str) -> frozenset[str]:
    if not is_user_id(user_id):
        raise Problem("INVALID_FIELDS", errors={"userId": ["It cannot be an id."]})
    known = people.find(conn, user_id)
    own = {f"person:{user_id}"}
    if known is None or known.creator_id is None:
        return frozenset(own)
    accounts = payout_views.accounts_of(conn, known.creator_id)
    return frozenset({*own, f"creator:{known.creator_id}", *(f"account:{account}" for account in accounts)})
