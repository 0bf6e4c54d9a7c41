"""Which mode a key is of: of the other one's objects Stripe says only that they are not there."""

# What waits for a key of either mode.
KEYS = {True: "stripe:api_key:live", False: "stripe:api_key:test"}


def mode_of(key: str | None) -> bool | None:
    """True for live, False for test; None where the key does not tell."""
    return next((mode for mode, word in ((True, "_live_"), (False, "_test_")) if word in (key or "")), None)
