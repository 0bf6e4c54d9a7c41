"""Settings: read once from the environment into one frozen object; every fault reported at once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from shared import price_tiers, settings_together
from shared import setting_values as values
from shared.setting_values import WebhookSecret

SIGNATURE_TOLERANCE_SECONDS = 300  # a constant: a setting could be turned into "never checked"


class SettingsError(ValueError):
    """The environment cannot be used; `faults` holds one line for each thing that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Settings cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


def _setting(name: str, parse: Callable[[str], Any], default: Any, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"name": name, "parse": parse})


_database = values.url("postgresql", "postgres")
_port = values.number(1, 65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told; `.env.example` gives each setting's meaning, unit and default."""

    database_url: str | None = _setting("DATABASE_URL", _database, None, secret=True)
    # Each process reads its own as DATABASE_URL; without one it works as the owner of the tables does.
    webhook_database_url: str | None = _setting("CARELANE_WEBHOOK_DATABASE_URL", _database, None, secret=True)
    app_database_url: str | None = _setting("CARELANE_APP_DATABASE_URL", _database, None, secret=True)
    stream_database_url: str | None = _setting("CARELANE_STREAM_DATABASE_URL", _database, None, secret=True)
    worker_database_url: str | None = _setting("CARELANE_WORKER_DATABASE_URL", _database, None, secret=True)
    relay_database_url: str | None = _setting("CARELANE_RELAY_DATABASE_URL", _database, None, secret=True)
    deliver_database_url: str | None = _setting("CARELANE_DELIVER_DATABASE_URL", _database, None, secret=True)
    redis_url: str | None = _setting("REDIS_URL", values.redis_url, None, secret=True)
    broker_url: str | None = _setting("CARELANE_BROKER_URL", values.url("amqp", "amqps"), None, secret=True)
    webhook_secrets: tuple[WebhookSecret, ...] = _setting("STRIPE_WEBHOOK_SECRETS", values.secrets, ())
    home: Path = _setting("CARELANE_HOME", Path, Path(".carelane"))  # noqa: RUF009 - a path is a value
    host: str = _setting("CARELANE_HOST", str, "127.0.0.1")
    webhook_port: int = _setting("CARELANE_WEBHOOK_PORT", _port, 8000)
    app_port: int = _setting("CARELANE_APP_PORT", _port, 8001)
    stream_port: int = _setting("CARELANE_STREAM_PORT", _port, 8002)
    metrics_port: int | None = _setting("CARELANE_METRICS_PORT", _port, None)
    flower_port: int = _setting("CARELANE_FLOWER_PORT", _port, 5555)
    flower_host: str = _setting("CARELANE_FLOWER_HOST", str, "127.0.0.1")
    flower_password: str | None = _setting("CARELANE_FLOWER_PASSWORD", str, None, secret=True)
    log_level: str = _setting("CARELANE_LOG_LEVEL", str.upper, "INFO")
    sentry_dsn: str | None = _setting("SENTRY_DSN", str, None, secret=True)
    environment: str = _setting("CARELANE_ENVIRONMENT", values.label, "production")
    otlp_endpoint: str | None = _setting("OTEL_EXPORTER_OTLP_ENDPOINT", values.url("http", "https"), None)
    trace_percent: int = _setting("CARELANE_TRACE_PERCENT", values.number(0, 100), 100)

    max_body_bytes: int = _setting("CARELANE_MAX_BODY_BYTES", values.number(1024, 64 * 1024 * 1024), 1024 * 1024)
    trusted_proxies: tuple[Any, ...] = _setting("CARELANE_TRUSTED_PROXIES", values.networks, ())
    unsigned_per_minute: int = _setting("CARELANE_UNSIGNED_PER_MINUTE", values.number(0, 1_000_000), 60)
    sources_file: Path | None = _setting("CARELANE_SOURCES_FILE", Path, None)  # noqa: RUF009 - as `home`
    sources_mode: str = _setting("CARELANE_SOURCES_MODE", values.one_of("monitor", "enforce"), "monitor")
    livemode: bool | None = _setting("CARELANE_LIVEMODE", values.flag, None)
    access_critical_types: frozenset[str] = _setting(
        "CARELANE_ACCESS_CRITICAL_TYPES",
        values.words,
        frozenset({"customer.subscription.deleted", "invoice.payment_failed"}),
    )

    seal_public_key: bytes | None = _setting("CARELANE_SEAL_PUBLIC_KEY", values.key, None)
    unseal_private_key: bytes | None = _setting("CARELANE_UNSEAL_PRIVATE_KEY", values.key_or_file, None, secret=True)
    unseal_earlier_keys: tuple[bytes, ...] = _setting("CARELANE_UNSEAL_EARLIER_KEYS", values.keys, (), secret=True)
    lookup_key: bytes | None = _setting("CARELANE_LOOKUP_KEY", values.key, None, secret=True)
    callback_key: bytes | None = _setting("CARELANE_CALLBACK_KEY", values.key_or_file, None, secret=True)

    audit_signing_key: bytes | None = _setting("CARELANE_AUDIT_SIGNING_KEY", values.key_or_file, None, secret=True)
    audit_verify_key: bytes | None = _setting("CARELANE_AUDIT_VERIFY_KEY", values.key, None)
    audit_anchors: Path | None = _setting("CARELANE_AUDIT_ANCHORS", Path, None)  # noqa: RUF009 - as `home`
    audit_anchor_seconds: int = _setting("CARELANE_AUDIT_ANCHOR_SECONDS", values.number(1, 24 * 3600), 60)

    backup_dir: Path | None = _setting("CARELANE_BACKUP_DIR", values.absolute_path, None)  # noqa: RUF009 - as `home`
    backup_url: str | None = _setting("CARELANE_BACKUP_URL", values.url("postgresql", "postgres"), None, secret=True)
    backups_kept: int = _setting("CARELANE_BACKUPS_KEPT", values.number(1, 1000), 7)

    prepared_statements: bool = _setting("CARELANE_PREPARED_STATEMENTS", values.flag, True)
    webhook_processes: int = _setting("CARELANE_WEBHOOK_PROCESSES", values.number(1, 64), 2)
    app_processes: int = _setting("CARELANE_APP_PROCESSES", values.number(1, 64), 2)
    webhook_threads: int = _setting("CARELANE_WEBHOOK_THREADS", values.number(1, 128), 8)
    soft_limit_seconds: int = _setting("CARELANE_TASK_SOFT_LIMIT_SECONDS", values.number(1, 600), 10)
    hard_limit_seconds: int = _setting("CARELANE_TASK_HARD_LIMIT_SECONDS", values.number(2, 900), 15)
    lease_seconds: int = _setting("CARELANE_LEASE_SECONDS", values.number(3, 3600), 30)
    crisis_soft_limit_seconds: int = _setting("CARELANE_CRISIS_SOFT_LIMIT_SECONDS", values.number(1, 600), 3)
    crisis_hard_limit_seconds: int = _setting("CARELANE_CRISIS_HARD_LIMIT_SECONDS", values.number(2, 900), 5)
    crisis_lease_seconds: int = _setting("CARELANE_CRISIS_LEASE_SECONDS", values.number(3, 3600), 8)
    transient_attempts: int = _setting("CARELANE_TRANSIENT_ATTEMPTS", values.number(1, 50), 8)
    not_yet_attempts: int = _setting("CARELANE_NOT_YET_ATTEMPTS", values.number(1, 100), 20)
    bug_attempts: int = _setting("CARELANE_BUG_ATTEMPTS", values.number(1, 50), 3)
    worker_lost_attempts: int = _setting("CARELANE_WORKER_LOST_ATTEMPTS", values.number(1, 50), 4)
    crisis_unclaimed_seconds: int = _setting("CARELANE_CRISIS_UNCLAIMED_SECONDS", values.number(1, 600), 5)
    standard_unclaimed_seconds: int = _setting("CARELANE_STANDARD_UNCLAIMED_SECONDS", values.number(1, 3600), 30)
    nudge_depth: int = _setting("CARELANE_NUDGE_DEPTH", values.number(1, 100_000), 1000)
    guard_deaths: int = _setting("CARELANE_GUARD_DEATHS", values.number(1, 100_000), 20)
    guard_percent: int = _setting("CARELANE_GUARD_PERCENT", values.number(1, 100), 50)
    body_days: int = _setting("CARELANE_BODY_DAYS", values.number(1, 3650), 90)
    payout_stale_hours: int = _setting("CARELANE_PAYOUT_STALE_HOURS", values.number(1, 24 * 30), 24)
    guard_minutes: int = _setting("CARELANE_GUARD_MINUTES", values.number(1, 24 * 60), 15)

    streams: int = _setting("CARELANE_STREAMS", values.number(1, 100_000), 4000)
    notice_days: int = _setting("CARELANE_NOTICE_DAYS", values.number(1, 365), 30)
    stripe_api_key: str | None = _setting("STRIPE_API_KEY", values.stripe_key, None, secret=True)
    stripe_api_base: str | None = _setting("STRIPE_API_BASE", values.url("https", "http"), None)
    stripe_rate: int = _setting("CARELANE_STRIPE_RATE", values.number(1, 100), 8)
    stripe_breaker_failures: int = _setting("CARELANE_STRIPE_BREAKER_FAILURES", values.number(1, 100), 5)
    stripe_breaker_seconds: int = _setting("CARELANE_STRIPE_BREAKER_SECONDS", values.number(1, 3600), 30)
    backfill_minutes: int = _setting("CARELANE_BACKFILL_MINUTES", values.number(1, 24 * 60), 5)
    reconcile_hours: int = _setting("CARELANE_RECONCILE_HOURS", values.number(1, 24 * 30), 24)
    reconcile_sample: int = _setting("CARELANE_RECONCILE_SAMPLE", values.number(0, 1_000_000), 1000)

    price_tiers: tuple[tuple[str, str], ...] = _setting("CARELANE_PRICE_TIERS", price_tiers.parse, ())
    grace_days: int = _setting("CARELANE_GRACE_DAYS", values.number(1, 365), 7)
    grace_in_crisis: str = _setting(
        "CARELANE_GRACE_IN_CRISIS", values.one_of("preserve", "extend", "clinical_priority"), "clinical_priority"
    )
    grace_hold_hours: int = _setting("CARELANE_GRACE_HOLD_HOURS", values.number(1, 24 * 30), 72)
    phq9_total: int = _setting("CARELANE_PHQ9_TOTAL", values.number(1, 27), 20)
    phq9_item9: int = _setting("CARELANE_PHQ9_ITEM9", values.number(1, 3), 1)
    gad7_total: int = _setting("CARELANE_GAD7_TOTAL", values.number(1, 21), 15)
    emergency_hours: int = _setting("CARELANE_EMERGENCY_HOURS", values.number(1, 24 * 30), 24)
    emergency_code_hours: int = _setting("CARELANE_EMERGENCY_CODE_HOURS", values.number(1, 24 * 30), 72)
    emergency_wrong_codes: int = _setting("CARELANE_EMERGENCY_WRONG_CODES", values.number(1, 100), 5)
    emergency_code_minutes: int = _setting("CARELANE_EMERGENCY_CODE_MINUTES", values.number(1, 24 * 60), 15)

    callback_seconds: int = _setting("CARELANE_CALLBACK_SECONDS", values.number(1, 60), 15)
    callback_networks: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "CARELANE_CALLBACK_NETWORKS", values.networks, ()
    )

    supabase_jwt_secret: str | None = _setting("CARELANE_SUPABASE_JWT_SECRET", values.shared_secret, None, secret=True)
    supabase_jwks_url: str | None = _setting("CARELANE_SUPABASE_JWKS_URL", values.url("https", "http"), None)
    supabase_audience: str = _setting("CARELANE_SUPABASE_AUDIENCE", str, "authenticated")
    supabase_issuer: str | None = _setting("CARELANE_SUPABASE_ISSUER", str, None)
    supabase_leeway_seconds: int = _setting("CARELANE_SUPABASE_LEEWAY_SECONDS", values.number(0, 300), 30)

    console_url: str | None = _setting("CARELANE_CONSOLE_URL", values.origin, None)
    oidc_issuer: str | None = _setting("CARELANE_OIDC_ISSUER", values.url("https", "http"), None)
    oidc_client_id: str | None = _setting("CARELANE_OIDC_CLIENT_ID", str, None)
    oidc_client_secret: str | None = _setting("CARELANE_OIDC_CLIENT_SECRET", str, None, secret=True)
    session_idle_minutes: int = _setting("CARELANE_SESSION_IDLE_MINUTES", values.number(1, 24 * 60), 15)
    session_hours: int = _setting("CARELANE_SESSION_HOURS", values.number(1, 24), 8)

    account_url: str | None = _setting("CARELANE_ACCOUNT_URL", values.origin, None)
    account_origins: tuple[str, ...] = _setting("CARELANE_ACCOUNT_ORIGINS", values.origins, ())
    account_plan_url: str | None = _setting("CARELANE_ACCOUNT_PLAN_URL", values.url("https", "http"), None)
    account_minutes: int = _setting("CARELANE_ACCOUNT_MINUTES", values.number(1, 24 * 60), 30)

    def __post_init__(self) -> None:
        faults = settings_together.faults({f.metadata["name"]: getattr(self, f.name) for f in fields(self)})
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            faults.append("CARELANE_LOG_LEVEL is none of DEBUG INFO WARNING ERROR")
        if faults:
            raise SettingsError(faults)

    def require(self, *names: str) -> None:
        """Raise SettingsError naming every one of these attributes that was not set."""
        variables = {f.name: f.metadata["name"] for f in fields(self)}
        missing = [f"{variables[name]} is not set" for name in names if getattr(self, name) in (None, ())]
        if missing:
            raise SettingsError(missing)


def variable_names() -> list[str]:
    """Every environment variable that Settings reads."""
    return [f.metadata["name"] for f in fields(Settings)]


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; an unset or blank variable means its default, but a blank secret is refused."""
    given, faults = {}, []
    for declared in fields(Settings):
        name = declared.metadata["name"]
        text = environ.get(name)
        if text is None or (not text.strip() and name != "STRIPE_WEBHOOK_SECRETS"):
            continue
        try:
            given[declared.name] = declared.metadata["parse"](text.strip())
        except ValueError as error:
            faults.append(f"{name} {error}")
    try:
        settings = Settings(**given)
    except SettingsError as error:
        faults += error.faults
    if faults:
        raise SettingsError(faults)
    return settings
