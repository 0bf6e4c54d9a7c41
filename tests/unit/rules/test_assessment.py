"""A score means danger or it does not; nothing of it can be read from what is left of it."""

import pytest

from shared.rules.assessment import Assessment, Thresholds, faults, means_danger

USUAL = Thresholds()


@pytest.mark.parametrize(
    ("instrument", "total", "item9", "danger"),
    [
        ("PHQ-9", 19, 0, False),
        ("PHQ-9", 20, 0, True),
        ("PHQ-9", 1, 1, True),
        ("PHQ-9", 27, None, True),
        ("PHQ-9", 0, None, False),
        ("GAD-7", 14, None, False),
        ("GAD-7", 15, None, True),
        ("GAD-7", 21, None, True),
    ],
)
def test_thresholds(instrument, total, item9, danger):
    assert means_danger(Assessment(instrument=instrument, total=total, item9=item9), USUAL) is danger


def test_thresholds_are_settings():
    careful = Thresholds(phq9_total=15, phq9_item9=2, gad7_total=10)
    assert means_danger(Assessment(instrument="PHQ-9", total=15), careful)
    assert not means_danger(Assessment(instrument="PHQ-9", total=5, item9=1), careful)
    assert means_danger(Assessment(instrument="GAD-7", total=10), careful)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (Assessment(instrument="PHQ-8", total=3), {"instrument"}),
        (Assessment(instrument="PHQ-9", total=28), {"total"}),
        (Assessment(instrument="PHQ-9", total=-1), {"total"}),
        (Assessment(instrument="PHQ-9", total=True), {"total"}),
        (Assessment(instrument="PHQ-9", total=9, item9=4), {"item9"}),
        (Assessment(instrument="PHQ-9", total=1, item9=2), {"item9"}),
        (Assessment(instrument="PHQ-9", total=99, item9=9), {"total", "item9"}),
        (Assessment(instrument="GAD-7", total=22), {"total"}),
        (Assessment(instrument="GAD-7", total=3, item9=1), {"item9"}),
    ],
)
def test_scores_that_cannot_be_are_named_without_their_values(given, named):
    found = faults(given)
    assert set(found) == named
    assert str(given.total) not in " ".join(
        text.replace("0 to 27", "").replace("0 to 21", "") for text in found.values()
    )
    with pytest.raises(ValueError, match="has faults"):
        means_danger(given, USUAL)


def test_the_scores_do_not_show_in_a_log_or_a_report():
    assert repr(Assessment(instrument="PHQ-9", total=24, item9=3)) == "Assessment(instrument='PHQ-9')"
