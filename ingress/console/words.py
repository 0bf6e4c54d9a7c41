"""How moments, spans, states and amounts read on a page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from flask import Blueprint

from ingress.cli.moments import span

# Colours only underline what the word says already.
_TONES = {
    "processed": "good", "requeued": "good", "replayed": "good", "undone": "good", "COMPLETED": "good",
    "completed": "good", "active": "good", "full": "good",
    "retrying": "warn", "crisis": "warn", "PROCESSING": "warn", "restricted": "warn", "late": "warn",
    "moderate": "warn", "past_due": "warn", "discarded": "warn", "differs": "warn",
    "dead": "bad", "FAILED": "bad", "severe": "bad", "imminent": "bad", "conflict": "bad",
}  # fmt: skip


_WHOLE = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
_THOUSANDTHS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def clock(moment: datetime) -> str:
    """To the second; the whole of it stands in the element's own attribute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def attribute(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def seconds(length: float) -> str:
    return span(timedelta(seconds=length))


def tone(word: str | None) -> str:
    return _TONES.get(word or "", "")


def plain(word: str | None) -> str:
    return (word or "none").replace("_", " ")


def money(minor: int, currency: str) -> str:
    """As much as Stripe's smallest units make: docs.stripe.com/currencies, where ISK and UGX count hundredths too."""
    digits = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f} {currency.upper()}"


def add(blueprint: Blueprint) -> None:
    for named in (clock, attribute, moment_of, seconds, tone, plain, money):
        blueprint.add_app_template_filter(named)
