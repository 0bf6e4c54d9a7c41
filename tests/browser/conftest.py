"""What every test in the browser stands on: the servers and databases of the integration tests, one Chromium, axe."""

from tests.browser.chromium import chromium, faults
from tests.integration.conftest import (
    conn,
    database_url,
    home,
    pool,
    postgres_port,
    private_key,
    settings,
    template_database,
)

__all__ = [
    "chromium", "conn", "database_url", "faults", "home", "pool", "postgres_port", "private_key", "settings",
    "template_database",
]  # fmt: skip
