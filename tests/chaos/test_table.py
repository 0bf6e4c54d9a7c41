"""The table names no test that is not there: a case would be told as shown, and nobody would run it."""

import pytest

from tests.chaos.elsewhere import SHOWN_BY
from tests.running import ROOT


@pytest.mark.parametrize("test", sorted({case.test for case in SHOWN_BY}))
def test_what_the_table_refers_to_is_there(test):
    path, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
