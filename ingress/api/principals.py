"""Who calls, and what they may: a service by its scopes, a person only what is theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ingress.api.problems import Problem

# What a role in the identity's `app_metadata` adds: that part only the application's backend can write.
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "clinician": frozenset({"crisis"}),
        "admin": frozenset({"payouts", "admin:read"}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`user_id` is set for a person; `roles` are those that we know. `good_until`: Unix seconds, where it is told."""

    name: str
    scopes: frozenset[str] = frozenset()
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    good_until: float | None = field(default=None, compare=False)

    @property
    def actor(self) -> str:
        """As the audit trail names them."""
        return f"token:{self.name}" if self.user_id is None else f"person:{self.user_id}"

    def is_person(self, user_id: str) -> bool:
        return self.user_id is not None and self.user_id == user_id

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Problem("MISSING_SCOPE", f"the scope {scope} is needed")

    def require_own(self, user_id: str, *, scope: str) -> None:
        """Either the scope, or the person themself."""
        if scope in self.scopes or self.is_person(user_id):
            return
        if self.user_id is not None:
            raise Problem("NOT_YOURS")
        self.require(scope)


def person(user_id: str, roles: frozenset[str], *, good_until: float | None = None) -> Principal:
    known = frozenset(roles & ROLES.keys())
    scopes = frozenset(scope for role in known for scope in ROLES[role])
    return Principal(name=user_id, scopes=scopes, user_id=user_id, roles=known, good_until=good_until)
