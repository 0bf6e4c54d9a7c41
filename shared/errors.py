"""The errors that cross a border of ours; each says by its class whether to try again."""


class CarelaneError(Exception):
    """The root of what we raise; `code` is stable and safe to show."""

    code = "error"


class TransientError(CarelaneError):
    """The other side is away or busy: trying again may help; `retry_after_seconds` is its own wish, if it had one."""

    code = "transient"

    def __init__(self, message: str, *, code: str = "transient", retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class NotYet(CarelaneError):
    """Something that the event needs is not here yet: it is parked, and taken up when `waits_for` is woken.

    shared/parking.py tells how the two meet without missing each other.
    """

    code = "not_yet"

    def __init__(self, message: str, *, code: str, waits_for: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.waits_for = waits_for
        self.retry_after_seconds = retry_after_seconds


class CannotKeep(TransientError):
    """PostgreSQL did not take the event: the door answers 500 and Stripe delivers again."""


class IntegrityError(CarelaneError):
    """A sealed body does not open: it was changed, moved to another row, or its key is not here."""

    code = "integrity"


class KeyElsewhere(IntegrityError):
    """The body may be whole, but its data key is wrapped for readers whose private key is not here: `recipient`."""

    def __init__(self, recipient: str, *, reads_as: str) -> None:
        super().__init__(f"the data key is for {recipient}; this process reads as {reads_as}")
        self.recipient = recipient


class NotFound(CarelaneError):
    """Nothing goes by that name."""

    code = "not_found"


class StripeAway(TransientError):
    """Stripe cannot be asked now, or not so often. Whatever needs its answer waits, and is never given up for that."""


class StripeRefuses(CarelaneError):
    """Stripe will answer the same however often it is asked: no such object, no right to it, or a wrong question."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code
