"""One name for each subject: an id alone may stand for one in either mode, or on several accounts."""

_MODES = {True: "live", False: "test", None: "no mode"}


def place_of(account: str | None, *, livemode: bool | None) -> str:
    """How a name ends: on which account, in which mode."""
    return f"@{account or 'none'}/{_MODES[livemode]}"


def name_of(kind: str, subject_id: str, *, account: str | None, livemode: bool | None) -> str:
    return f"{kind}:{subject_id}{place_of(account, livemode=livemode)}"
