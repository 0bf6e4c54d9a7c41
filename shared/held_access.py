"""What a crisis or emergency access is to hold open: what the person has in the moment that it opens."""

from dataclasses import dataclass

import psycopg
import structlog

from shared import access
from shared.db import Connection
from shared.errors import CarelaneError, NotFound
from shared.rules.standing import Level, Policy
from shared.rules.tiers import Tier

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    level: Level
    tier: Tier


# Nobody has a higher level. A tier is given only by who pays for one, and that is computed as soon as it can be.
_WHEN_UNREADABLE = Held("full", "none")


def now(conn: Connection, user_id: str, policy: Policy) -> Held:
    """Raises NotFound. That what we know of the bills cannot be read stops nobody who reports danger."""
    try:
        reading = access.read(conn, user_id)
        found = None if reading is None else reading.decide(policy)
    except (CarelaneError, psycopg.Error):
        raise
    except Exception:
        log.exception("what a person has could not be computed", action="access.failed")
        return _WHEN_UNREADABLE
    if found is None:
        raise NotFound("no person goes by this id")
    return Held(found.level, found.tier)
