"""API versions: those this reading was written for, and those that deserve a warning."""

import pytest

from schemas.versions import api_version_is_known


@pytest.mark.parametrize(
    "version",
    [
        None,
        "2011-01-01",
        "2018-02-28",
        "2024-06-20",
        "2024-09-30.acacia",
        "2025-02-24.acacia",
        "2025-03-31.basil",
        "2025-08-27.basil",
        "2025-09-30.clover",
        "2026-02-25.clover",
        "2026-03-25.dahlia",
        "2026-08-26.dahlia",
        "2026-09-30.endive",
        "2026-10-28.endive",
    ],
)
def test_a_version_of_these_years_is_known(version: str | None) -> None:
    assert api_version_is_known(version)


@pytest.mark.parametrize(
    "version",
    [
        "",
        "2010-12-31",
        "2024-09-30",  # from here on each has a name
        "2024-06-20.acacia",
        "2025-03-31.acacia",  # the first day of the next train
        "2025-03-30.basil",
        "2026-10-29.endive",
        "2026-11-25.endive",
        "2027-03-31.fennel",
        "2026-09-30.preview",
        "2026-10-28.endive\n",
        "2026-02-30.clover",
        "2026-10-28.endive; beta=v1",
        "latest",
    ],
)
def test_any_other_is_not(version: str) -> None:
    assert not api_version_is_known(version)
