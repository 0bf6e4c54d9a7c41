from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.checks import database


@pytest.fixture
def findings(settings):
    """What is found about this test's database, by name."""

    def look(now=lambda: datetime.now(UTC), counts=None, **changed):
        looked_at = replace(settings, **changed)
        return {finding.name: finding for finding in database.look(looked_at, clock=now, counts=counts or {})}

    return look
