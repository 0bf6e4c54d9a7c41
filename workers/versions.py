"""API versions that this program was not written for: their events are processed, each version is warned of once."""

import structlog

from schemas.versions import api_version_is_known
from shared import audit, notices
from shared.db import Connection
from shared.queries import load
from workers import metrics

log = structlog.get_logger(__name__)

_LONGEST = 64


def note(conn: Connection, api_version: str | None) -> None:
    """Count it, and raise it when it is the first of its kind."""
    if api_version is None or api_version_is_known(api_version):
        return
    metrics.UNSEEN_VERSIONS.inc()
    name = api_version[:_LONGEST].replace("\0", "")
    if conn.execute(load("versions")["note_unseen"], {"api_version": name}).fetchone() is None:
        return
    log.warning("events come in an API version not seen before", action="api_version.unseen", name=name)
    audit.record(conn, actor="worker", act="api_version.unseen", object=f"api_version:{name}")
    kind, data = "api_version:unseen", {"apiVersion": name}
    notices.owe(conn, cause=f"api_version:{name}", kind=kind, recipient=notices.STAFF, data=data)
