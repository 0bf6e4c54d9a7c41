"""The reason that a person must give for what the audit trail keeps."""

LONGEST_REASON = 500


def fault_of(reason: str | None) -> str | None:
    """What is wrong with it, in words; None when it serves."""
    if reason is None or not reason.strip():
        return "a reason is needed: it stays in the audit trail"
    if len(reason) > LONGEST_REASON:
        return f"the reason is longer than {LONGEST_REASON} characters"
    if not reason.isprintable():
        return "the reason holds characters that cannot be shown"
    return None
