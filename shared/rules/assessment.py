"""When the score of a questionnaire means that a person is in danger. The score goes no further than this.

PHQ-9: nine items of 0 to 3, the ninth asks for thoughts of death or self-harm. GAD-7: seven items of 0 to 3.
"""

from dataclasses import dataclass, field

# One severity for whatever threshold was reached: another would tell which answer it was.
SEVERITY = "severe"
_HIGHEST = {"PHQ-9": 27, "GAD-7": 21}
_HIGHEST_ITEM = 3
INSTRUMENTS = tuple(_HIGHEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """At or above which a crisis opens."""

    phq9_total: int = 20
    phq9_item9: int = 1
    gad7_total: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Never stored and never logged: only whether a threshold was reached leaves this process."""

    instrument: str
    total: int = field(repr=False)
    item9: int | None = field(default=None, repr=False)


def faults(assessment: Assessment) -> dict[str, str]:
    """What is wrong, by field and without the values; empty when it can be judged."""
    highest = _HIGHEST.get(assessment.instrument)
    if highest is None:
        return {"instrument": f"is none of {', '.join(INSTRUMENTS)}"}
    found = {}
    if not _lies_within(assessment.total, highest):
        found["total"] = f"is not a whole number from 0 to {highest}"
    if assessment.item9 is None:
        return found
    if assessment.instrument != "PHQ-9":
        found["item9"] = "belongs to PHQ-9 only"
    elif not _lies_within(assessment.item9, _HIGHEST_ITEM):
        found["item9"] = f"is not a whole number from 0 to {_HIGHEST_ITEM}"
    elif not found and assessment.item9 > assessment.total:
        found["item9"] = "is more than the total that holds it"
    return found


def means_danger(assessment: Assessment, thresholds: Thresholds) -> bool:
    """ValueError when the scores cannot be judged."""
    if faults(assessment):
        raise ValueError("the assessment has faults")
    if assessment.instrument == "GAD-7":
        return assessment.total >= thresholds.gad7_total
    return assessment.total >= thresholds.phq9_total or (assessment.item9 or 0) >= thresholds.phq9_item9


def _lies_within(score: int, highest: int) -> bool:
    return type(score) is int and 0 <= score <= highest
