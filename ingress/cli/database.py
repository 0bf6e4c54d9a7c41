"""The database as commands see it: one connection, and plain words when it has no tables yet."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from shared import db
from shared.config import Settings, SettingsError
from shared.errors import CarelaneError


class NotMigrated(CarelaneError):
    """The database answers, but its tables are not this program's."""

    code = "not_migrated"


@contextmanager
def connection(settings: Settings) -> Iterator[db.Connection]:
    """One connection and one transaction; raises SettingsError, TransientError or NotMigrated."""
    if settings.database_url is None:
        left = f"no `carelane up` has left its settings in {settings.home}"
        raise SettingsError([f"DATABASE_URL is not set, and {left}"])
    try:
        with db.connect(settings.database_url, name="command") as conn:
            yield conn
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise NotMigrated("The database lacks tables that this version needs: run `carelane migrate`") from error
