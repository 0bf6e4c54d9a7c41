"""API versions that this program was not written for: their events are processed, each version is warned of once."""

import structlog

from schemas.versions import api_version_is_known
from shared import audit, notices
from shared.db import Pool
from shared.queries import load
from workers import metrics

log = structlog.get_logger(__name__)

_LONGEST = 64


def note(pool: Pool, api_version: str | None, *, is_new_event: bool) -> None:
    """Count it once for each event, and raise it when it is the first of its kind.

    In a transaction of its own and before anything is read: the version whose shape cannot be read is the one to tell.
    """
    if api_version is None or api_version_is_known(api_version):
        return
    name = api_version[:_LONGEST].replace("\0", "")
    with pool.transaction() as conn:
        is_first = conn.execute(load("versions")["note_unseen"], {"api_version": name}).fetchone() is not None
        if is_first:
            audit.record(conn, actor="worker", act="api_version.unseen", object=f"api_version:{name}")
            cause, kind = f"api_version:{name}", "api_version:unseen"
            notices.owe(conn, cause=cause, kind=kind, recipient=notices.STAFF, data={"apiVersion": name})
    if is_new_event:
        metrics.UNSEEN_VERSIONS.inc()
    if is_first:
        log.warning("events come in an API version not seen before", action="api_version.unseen", name=name)
