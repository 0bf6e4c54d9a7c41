"""The end of every restore: numbers are passed over, and the audit trail's anchors learn where its chain goes on."""

from datetime import UTC, datetime

import click
import psycopg

from shared import anchors, restored, trail
from shared.config import Settings
from shared.db import Connection
from shared.restored import Restored


def finish(conn: Connection, settings: Settings, *, actor: str, reason: str) -> Restored:
    """Commits. Harmless when done twice, as it is to be when it ended in the middle."""
    told = restored.finish(conn, actor=actor, reason=reason)
    conn.commit()
    try:
        head = trail.head(conn)
    except psycopg.errors.UndefinedTable:  # a database of a version that linked nothing
        conn.rollback()
        return told
    _anchor(head, settings)
    return told


def _anchor(head: trail.Head, settings: Settings) -> None:
    if settings.audit_signing_key is None:
        click.echo(
            "CARELANE_AUDIT_SIGNING_KEY is not set: `carelane audit verify` will name what the anchors saw of the lost"
            " time. Call `carelane restore finish` where it is set, before anything is started.",
            err=True,
        )
        return
    path = anchors.path_of(settings)
    anchors.append(path, anchors.make(head, settings.audit_signing_key, datetime.now(UTC), restored=True))
