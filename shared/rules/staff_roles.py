"""What each role of the staff may do: a table. What is not in it is forbidden."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

ROLES = ("viewer", "support", "operator", "clinician", "auditor", "admin")
ACTS = (
    "events.see", "events.requeue", "events.discard", "events.replay", "reconcile.run", "payloads.open", "people.see",
    "crises.act", "emergency.open", "audit.read", "audit.export", "staff.manage", "glass.break",
)  # fmt: skip

# As a person is told them.
ACT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "events.see": "See events and dead letters, without their contents",
        "events.requeue": "Requeue dead letters",
        "events.discard": "Discard dead letters",
        "events.replay": "Replay events that have ended",
        "reconcile.run": "Compare with Stripe and put right",
        "payloads.open": "Open payloads",
        "people.see": "See records of people",
        "crises.act": "Open and resolve crises",
        "emergency.open": "Open emergency access",
        "audit.read": "Read the audit trail",
        "audit.export": "Export the audit trail",
        "staff.manage": "Manage the accounts of staff, at the command line",
        "glass.break": "Break the glass",
    }
)

# Nobody reads payloads by role alone; who changes accounts does not touch events, who audits changes nothing.
_MAY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "viewer": frozenset({"events.see"}),
        "support": frozenset({"events.see", "people.see", "emergency.open", "glass.break"}),
        "operator": frozenset(
            {"events.see", "events.requeue", "events.discard", "events.replay", "reconcile.run", "glass.break"}
        ),
        "clinician": frozenset({"people.see", "crises.act", "emergency.open", "glass.break"}),
        "auditor": frozenset({"events.see", "audit.read", "audit.export"}),
        "admin": frozenset({"events.see", "audit.read", "staff.manage", "glass.break"}),
    }
)
# What breaking the glass adds for its short time.
BEHIND_GLASS = frozenset({"payloads.open", "people.see"})


def allowed(role: str, *, glass_broken: bool = False) -> frozenset[str]:
    """The acts of a role; an unknown role has none."""
    own = _MAY.get(role, frozenset())
    return own | BEHIND_GLASS if glass_broken and "glass.break" in own else own


def may(role: str, act: str, *, glass_broken: bool = False) -> bool:
    return act in allowed(role, glass_broken=glass_broken)


def who_may(act: str) -> Collection[str]:
    return tuple(role for role in ROLES if may(role, act))
