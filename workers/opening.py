"""Opens a claim's body; what is in the way is told apart: gone or touched, or sealed for a key that is elsewhere."""

from shared.crypto import Reader
from shared.errors import IntegrityError, KeyElsewhere, NotYet
from workers.ledger import Claim


def body_of(claim: Claim, reader: Reader) -> bytes:
    """Raises IntegrityError, or NotYet where the event should wait for its key and is no broken one."""
    if claim.sealed is None:
        raise IntegrityError("the body of this event is gone")
    try:
        return reader.open(claim.sealed, claim.identity)
    except KeyElsewhere as error:
        raise NotYet(str(error), code="key_not_here", waits_for=f"key:{error.recipient}") from error
