"""The settings in effect: what was given, what the last run kept, what was made up; each process's share of them."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ingress.cli import exits
from ingress.cli.up import generated, ports, roles
from ingress.cli.up.failure import StartFailed
from shared.config import Settings, SettingsError, load

_OURS = re.compile(r"CARELANE_\w+|STRIPE_\w+|DATABASE_URL|REDIS_URL|SENTRY_DSN")
_LISTENERS = {
    "CARELANE_WEBHOOK_PORT": 8000,
    "CARELANE_APP_PORT": 8001,
    "CARELANE_STREAM_PORT": 8002,
    "CARELANE_FLOWER_PORT": 5555,
}
_SERVICES = {"DATABASE_URL": 15432, "REDIS_URL": 16379}
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
FLOWER_USER = "carelane"


@dataclass(frozen=True, slots=True)
class Effective:
    """`values` are environment variables; `embedded` names the URLs whose server is ours to run, with its port."""

    values: dict[str, str] = field(repr=False)
    settings: Settings = field(repr=False)
    embedded: dict[str, int]
    notes: list[str]


def compose(
    given: Mapping[str, str],
    *,
    home: Path,
    kept: Mapping[str, str],
    passwords: Mapping[str, str],
    is_free: Callable[[str, int], bool] = ports.port_is_free,
) -> Effective:
    """Settings to run with. Raises StartFailed with every fault at once."""
    mine = {name: value for name, value in given.items() if _OURS.fullmatch(name) and name != "CARELANE_PROCESS"}
    made = generated.fill_in(mine, kept)
    wishes = [*_listeners(mine, kept), *_services(mine, kept)]
    chosen, port_faults = ports.choose(wishes, is_free=is_free)
    embedded = {name: chosen[name] for name in _SERVICES if name in chosen}
    values = mine | made.values | _urls(embedded, passwords)
    if "DATABASE_URL" in embedded:
        values |= roles.urls(embedded["DATABASE_URL"], passwords, mine)
    values |= {name: str(chosen[name]) for name in _LISTENERS if name in chosen}
    values["CARELANE_HOME"] = str(home)
    faults = made.faults + port_faults + _unwritable(values)
    settings = _load(values, faults)
    if faults or settings is None:
        raise StartFailed(str(SettingsError(faults)), exit_code=exits.USAGE)
    values["CARELANE_HOST"] = settings.host
    values["CARELANE_FLOWER_HOST"] = settings.flower_host
    values["CARELANE_WEBHOOK_PROCESSES"] = str(settings.webhook_processes)
    values["CARELANE_APP_PROCESSES"] = str(settings.app_processes)
    return Effective(values, settings, embedded, made.notes)


def _listeners(given: Mapping[str, str], kept: Mapping[str, str]) -> list[ports.Wish]:
    host = given.get("CARELANE_HOST", "").strip() or "127.0.0.1"
    return [
        ports.Wish(
            name=name,
            usual=usual,
            host="127.0.0.1" if name == "CARELANE_FLOWER_PORT" else host,
            by_hand=_port(given.get(name)),
            kept=_port(kept.get(name)),
        )
        for name, usual in _LISTENERS.items()
        if not _is_misspelt(given.get(name, ""))  # it stays as it is, and the settings say what is wrong with it
    ]


def _services(given: Mapping[str, str], kept: Mapping[str, str]) -> list[ports.Wish]:
    return [
        ports.Wish(name=name, usual=usual, kept=_own_port(kept.get(name, "")))
        for name, usual in _SERVICES.items()
        if not given.get(name, "").strip()
    ]


def _is_misspelt(text: str) -> bool:
    return bool(text.strip()) and _port(text) is None


def _port(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*\d{1,12}\s*", text) and 0 < int(text) < 65536 else None  # noqa: PLR2004


def _own_port(url: str) -> int | None:
    try:
        return urlsplit(url).port if urlsplit(url).hostname == "127.0.0.1" else None
    except ValueError:
        return None


def _urls(embedded: Mapping[str, int], passwords: Mapping[str, str]) -> dict[str, str]:
    urls = {
        "DATABASE_URL": "postgresql://carelane:{POSTGRES}@127.0.0.1:{port}/carelane",
        "REDIS_URL": "redis://:{VALKEY}@127.0.0.1:{port}/0",
    }
    return {name: urls[name].format(port=port, **passwords) for name, port in embedded.items()}


def _unwritable(values: Mapping[str, str]) -> list[str]:
    faults = [f"{name} holds a line break" for name, value in values.items() if "\n" in value or "\r" in value]
    if "," in values.get("CARELANE_FLOWER_PASSWORD", ""):
        faults.append("CARELANE_FLOWER_PASSWORD holds a comma, which Flower takes for the end of it")
    return faults


def _load(values: Mapping[str, str], faults: list[str]) -> Settings | None:
    try:
        return load(values)
    except SettingsError as error:
        faults += error.faults
        return None


_IDENTITY_SECRET = "CARELANE_SUPABASE_JWT_SECRET"  # noqa: S105 - a setting's name
_STAFF_SECRET = "CARELANE_OIDC_CLIENT_SECRET"  # noqa: S105 - as above
_SIGNING_KEY, _CALLBACK_KEY = "CARELANE_AUDIT_SIGNING_KEY", "CARELANE_CALLBACK_KEY"
_DOOR_NEVER_HAS = {
    "CARELANE_UNSEAL_PRIVATE_KEY", "CARELANE_UNSEAL_EARLIER_KEYS", "STRIPE_API_KEY", "CARELANE_FLOWER_PASSWORD",
    _IDENTITY_SECRET, _STAFF_SECRET, _SIGNING_KEY, _CALLBACK_KEY,
}  # fmt: skip
_PUBLISHER_NEVER_HAS = {*_DOOR_NEVER_HAS, "STRIPE_WEBHOOK_SECRETS", "CARELANE_SEAL_PUBLIC_KEY", "CARELANE_LOOKUP_KEY"}
# Who is kept from what: a process that was broken into gives away no more than its own work needs.
_WITHHELD = {
    "webhook": _DOOR_NEVER_HAS,
    # It writes sealed notes and reads none; it alone checks who people are.
    "app": {*_DOOR_NEVER_HAS, "STRIPE_WEBHOOK_SECRETS"} - {_IDENTITY_SECRET, _STAFF_SECRET},
    # It keeps nothing sealed, and checks who people are as the application door does.
    "stream": {*_DOOR_NEVER_HAS, "STRIPE_WEBHOOK_SECRETS", "CARELANE_SEAL_PUBLIC_KEY"} - {_IDENTITY_SECRET},
    # It alone says where the audit trail stood.
    "relay": _PUBLISHER_NEVER_HAS - {_SIGNING_KEY},
    # It signs callbacks, and opens nothing else.
    "deliver": _PUBLISHER_NEVER_HAS - {_CALLBACK_KEY},
    "beat": {*_PUBLISHER_NEVER_HAS, "DATABASE_URL"},
    "flower": {*_PUBLISHER_NEVER_HAS, "DATABASE_URL", "SENTRY_DSN"},
}
_WITHHELD_FROM_OTHERS = {
    "STRIPE_WEBHOOK_SECRETS", "CARELANE_FLOWER_PASSWORD", _IDENTITY_SECRET, _STAFF_SECRET, _SIGNING_KEY, _CALLBACK_KEY,
}  # fmt: skip


# A role that may read the whole database is for `carelane backup` alone.
_NO_PROCESS_HAS = {"CARELANE_BACKUP_URL"}


def environment_for(
    instance: str, values: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The environment of one process: `instance` is a name of the Procfile, or name.number."""
    process = instance.partition(".")[0]
    withheld = _WITHHELD.get(process, _WITHHELD_FROM_OTHERS) | _NO_PROCESS_HAS
    outside = {name: value for name, value in environ.items() if not _OURS.fullmatch(name) and name != _METRICS}
    withheld = {*withheld, *roles.ROLES}
    share = {name: value for name, value in {**values, **roles.share(process, values)}.items() if name not in withheld}
    added = {
        "CARELANE_PROCESS": instance,
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), outside.get("PATH", os.defpath)]),
    }
    if process == "flower":
        # Not on its command line, where every user of the machine could read it.
        added["FLOWER_BASIC_AUTH"] = f"{FLOWER_USER}:{values['CARELANE_FLOWER_PASSWORD']}"
    else:  # Flower's own series have no place in what the application door tells of us
        side = "webhook" if process == "webhook" else "core"
        added[_METRICS] = str(Path(values["CARELANE_HOME"], "run", "metrics", side))
    return outside | share | added
