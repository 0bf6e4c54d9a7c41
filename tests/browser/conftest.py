"""What every test in the browser stands on: the servers and databases of the integration tests, one Chromium, axe."""

from contextlib import ExitStack

import pytest

from tests.browser.chromium import chromium, faults
from tests.browser.console_site import door_of
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


@pytest.fixture(scope="module")
def address():
    """Of one door for all tests of this module, once the first of them wants it."""
    with ExitStack() as stack:
        kept = []

        def found(*given):
            if not kept:
                kept.append(stack.enter_context(door_of(*given)))
            return f"http://127.0.0.1:{kept[0].port}"

        yield found
