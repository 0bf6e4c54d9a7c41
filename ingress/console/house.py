"""What the console works with, made once for each process."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network

from ingress.console.provider import Client, Provider
from shared import broker, stripe_standing
from shared.config import Settings
from shared.db import Connection
from shared.rules.staff_limits import SessionRule
from shared.staff_sign_in import Terms
from shared.stripe_standing import Standing

_BROKER_SECONDS = 0.3


def _settle_nothing(_person: str, _waiting: Sequence[int]) -> None:
    """Where no worker is to be told: the relay finds the rows within half a second."""


def _knows_nothing() -> None:
    """Where there is no broker to tell how Stripe stands."""


def _ask_nobody(_task: str, _row_id: str) -> None:
    """Where there is no worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`origins`: under what addresses a browser may have come here; the first one tells whether there is TLS."""

    transaction: Callable[[], AbstractContextManager[Connection]]
    terms: Terms
    origins: Sequence[str]
    trusted: Sequence[IPv4Network | IPv6Network] = ()
    provider: Provider | None = None
    settings: Settings = field(default_factory=Settings)
    # After a commit about a person in danger: the workers learn what goes first, what is remembered of them is renewed.
    settle: Callable[[str, Sequence[int]], None] = _settle_nothing
    ask: Callable[[str, str], None] = _ask_nobody  # a worker, for what this door holds no key for
    stripe: Callable[[], Standing | None] = _knows_nothing
    look_seconds: float = 3.0  # how long a request waits for a worker to open a body
    step_seconds: float = 1.5  # how long one request carries on an act: the door answers for it after five
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def is_tls(self) -> bool:
        return self.origins[0].startswith("https://")


def house_of(
    settings: Settings,
    transaction: Callable[[], AbstractContextManager[Connection]],
    settle: Callable[[str, Sequence[int]], None] = _settle_nothing,
    ask: Callable[[str, str], None] = _ask_nobody,
) -> House:
    """Raises SettingsError without the lookup key."""
    settings.require("lookup_key")
    local = [f"http://{host}:{settings.app_port}" for host in ("127.0.0.1", "localhost", "[::1]")]
    rule = SessionRule(idle_minutes=settings.session_idle_minutes, hours=settings.session_hours)
    origins = local if settings.console_url is None else [settings.console_url]
    return House(
        transaction=transaction,
        terms=Terms(rule=rule, lookup_key=settings.lookup_key or b""),
        origins=origins,
        trusted=settings.trusted_proxies,
        provider=_provider(settings, origins[0]),
        settings=settings,
        settle=settle,
        ask=ask,
        stripe=_knows_nothing if settings.redis_url is None else _standing(settings.redis_url),
    )


def _standing(redis_url: str) -> Callable[[], Standing | None]:
    client = broker.connect(redis_url, timeout_seconds=_BROKER_SECONDS)
    return lambda: stripe_standing.read(client, now=datetime.now(UTC))


def _provider(settings: Settings, origin: str) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    settings.require("oidc_client_id", "oidc_client_secret")
    client = Client(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id or "",
        client_secret=settings.oidc_client_secret or "",
        redirect_uri=f"{origin}/console/oidc/back",
    )
    return Provider(client)
