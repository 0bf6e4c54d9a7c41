"""What docs/security.md says is shown by a test names one that is there."""

import re

import pytest

from tests.running import ROOT

ROWS = [
    line for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")
]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`((?:unit|integration|acceptance|chaos)/[\w/.]+)`", row)})


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_is_there(name):
    assert (ROOT / "tests" / name).exists()


def test_every_way_in_names_what_shows_that_it_is_shut():
    threats, table = [], False
    for row in ROWS:
        table = row.startswith("| who | their way") or (table and not row.startswith("| standard"))
        if table and not row.startswith(("|---", "| who | their")):
            threats.append(row)
    assert len(threats) >= 35
    assert not [row for row in threats if "`" not in row.split("|")[4]]
