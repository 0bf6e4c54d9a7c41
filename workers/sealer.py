"""The relay's part in the audit trail: links what was recorded, and anchors the chain outside the database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from shared import anchors, trail
from shared.config import Settings
from shared.db import Pool
from shared.trail import Head

MOST_AT_ONCE = 2000  # some tens of milliseconds: the nudges of the next sweep must not wait longer for it

log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Sealer:
    """Without a signing key it links and does not anchor."""

    pool: Pool
    path: Path
    signing_key: bytes | None = field(repr=False)
    every_seconds: int
    clock: Callable[[], datetime] = _now
    _anchored: Head = field(default_factory=Head)
    _anchored_at: datetime | None = None

    def step(self) -> int:
        """How many records were linked."""
        with self.pool.transaction() as conn:
            linked = trail.seal(conn, most=MOST_AT_ONCE)
        if self.signing_key is not None and self._is_time():
            self._anchor(self.signing_key)
        return linked

    def _is_time(self) -> bool:
        now = self.clock()
        return self._anchored_at is None or (now - self._anchored_at).total_seconds() >= self.every_seconds

    def _anchor(self, signing_key: bytes) -> None:
        with self.pool.transaction() as conn:
            head = trail.head(conn)
        self._anchored_at = now = self.clock()
        if head.position and head != self._anchored:
            try:
                anchors.append(self.path, anchors.make(head, signing_key, now))
            except OSError:
                log.exception("the audit trail could not be anchored", action="audit.not_anchored")
                return
            # In the log too: wherever logs are carried, an anchor lies that nobody here can take back.
            log.info(
                "the audit trail is anchored", action="audit.anchored", position=head.position, link=head.link.hex()
            )
        self._anchored = head


def build(settings: Settings, pool: Pool) -> Sealer:
    return Sealer(
        pool=pool,
        path=anchors.path_of(settings),
        signing_key=settings.audit_signing_key,
        every_seconds=settings.audit_anchor_seconds,
    )
