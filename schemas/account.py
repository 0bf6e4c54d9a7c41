"""A connected account as Stripe showed it in one event: what it may do, and how much Stripe still asks of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from schemas.errors import SchemaError
from schemas.probing import ROOT, Probed, ProbingSchema
from schemas.reading import Event
from schemas.values import flag, identifier, instant, text

STATUSES = frozenset({"connected", "deauthorized"})


def _count(value: Any) -> int:
    if not isinstance(value, list):
        raise ValueError("a list is expected")  # noqa: TRY004 - one error class for every shape
    return len(value)


def _reason(value: Any) -> str:
    reason = text(value)
    return "requirements.past_due" if reason == "fields_needed" else reason  # renamed in 2019-02-19


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFact:
    """Of requirements only how many; None where the event showed no account, as the one that withdraws it does not.

    `status` says whether the account is still connected to us; what it may do, the rules decide from the rest.
    """

    kind: ClassVar[str] = "account"

    subject_id: str
    status: str = "connected"
    charges_enabled: bool | None = None
    payouts_enabled: bool | None = None
    details_submitted: bool | None = None
    currently_due: int | None = None
    past_due: int | None = None
    eventually_due: int | None = None
    pending_verification: int | None = None
    disabled_reason: str | None = None
    current_deadline: datetime | None = None


class AccountSchema(ProbingSchema[AccountFact]):
    """Strict in what the rules stand on (the three flags); requirements were `verification` before 2019-02-19."""

    fact = AccountFact

    subject_id = Probed("id", read=identifier, required=True)
    charges_enabled = Probed("charges_enabled", read=flag, required=True)
    # Payouts were called transfers before 2017-04-06.
    payouts_enabled = Probed("payouts_enabled", "transfers_enabled", read=flag, required=True)
    details_submitted = Probed("details_submitted", read=flag, required=True)
    currently_due = Probed("requirements.currently_due", "verification.fields_needed", read=_count)
    past_due = Probed("requirements.past_due", read=_count)
    eventually_due = Probed("requirements.eventually_due", read=_count)
    pending_verification = Probed("requirements.pending_verification", read=_count)
    disabled_reason = Probed("requirements.disabled_reason", "verification.disabled_reason", read=_reason)
    current_deadline = Probed("requirements.current_deadline", "verification.due_by", read=instant)


def deauthorized(event: Event) -> AccountFact:
    """The fact of an event whose object is the application (ours), and whose account is the one that left it."""
    if event.object.get("object", "application") != "application":
        raise SchemaError(f"{ROOT}.object", "application is expected for this type")
    if event.account is None:
        raise SchemaError("account", "is required")
    try:
        account = identifier(event.account)
    except ValueError as error:
        raise SchemaError("account", str(error)) from None
    return AccountFact(subject_id=account, status="deauthorized")
