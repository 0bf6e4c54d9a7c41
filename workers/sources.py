"""Stripe's list of networks, renewed once a day by a worker that can write where the door reads it."""

import os
import time
from pathlib import Path

import structlog

from shared import source_renewal
from shared.db import Pool
from shared.errors import TransientError
from workers import housekeeping

log = structlog.get_logger(__name__)

STEP = "sources"
# Asked hourly, so that a day without an answer from Stripe is no day lost; the hour of the day is the file's own, and
# no two deployments' the same.
_DUE_SECONDS = 23.5 * 3600


class Renewal:
    """`target` is None where no list is asked for."""

    def __init__(self, target: Path | None, *, url: str = source_renewal.STRIPE) -> None:
        self._target = target
        self._url = url
        self._is_told = False

    def renew(self, pool: Pool, *, now: float | None = None) -> int:
        """How many networks the list has; 0 when it was not due, is not for this host, or failed (then it is told)."""
        target = self._target
        if target is None or not self._is_here(target) or not _is_due(target, time.time() if now is None else now):
            return 0
        return housekeeping.tried(STEP, lambda pool: self._renewed(pool, target), pool)

    def _renewed(self, pool: Pool, target: Path) -> int:
        """What two fetch at once, one of them puts in place."""
        try:
            found = source_renewal.fetch(self._url)
            with pool.transaction() as conn:
                if not housekeeping.is_mine(conn, STEP):
                    return 0
                return source_renewal.put(conn, target, found, actor="beat").networks
        except (OSError, ValueError) as error:
            raise TransientError(f"the list could not be taken: {type(error).__name__}", code="sources") from error

    def _is_here(self, target: Path) -> bool:
        is_here = os.access(target.parent, os.W_OK)
        if not is_here and not self._is_told:
            log.info("the list of sources cannot be written from here; a timer has to", action="sources.elsewhere")
            self._is_told = True
        return is_here


def _is_due(target: Path, now: float) -> bool:
    try:
        return now - target.stat().st_mtime >= _DUE_SECONDS
    except OSError:
        return True
