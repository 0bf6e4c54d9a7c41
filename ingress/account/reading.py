"""What is known of a person for their page, read within a short time; what is away is left out and said to be."""

from dataclasses import dataclass

import structlog

from ingress.account.house import House
from shared import payment_status
from shared.access_document import Document
from shared.errors import NotFound, TransientError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """`payments` None: nobody told us of this person, or PostgreSQL is away (`is_away`)."""

    access: Document
    payments: Document | None = None
    is_away: bool = False


def read(house: House, user_id: str) -> Known:
    """Raises nothing: whatever is wrong, there is a page."""
    access = house.answers.answer(user_id)
    try:
        payments = house.answers.stores.ask(lambda conn: payment_status.document(conn, user_id))
    except NotFound:
        return Known(access, is_away=bool(access["degraded"]))
    except TransientError:
        return Known(access, is_away=True)
    except Exception:  # a bug of ours must not stand between a person and care
        log.exception("a person's payments could not be read", action="account.failed")
        return Known(access, is_away=True)
    return Known(access, payments)


def of_nobody(house: House) -> Known:
    """For who is not signed in: no word of it is about anybody."""
    return Known(house.answers.to_anybody())
