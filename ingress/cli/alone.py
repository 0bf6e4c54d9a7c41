"""One process of the Procfile on its own: what `carelane up` would start, for whatever else watches over processes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingress.cli import environment
from ingress.cli.faults import Unusable
from ingress.cli.up import procfile
from ingress.cli.up.environment import environment_for
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.home import make_home
from ingress.cli.up.readiness import ready_file
from shared.config import Settings, SettingsError, load, variable_names

_KNOWN = frozenset(variable_names())
_OURS = ("CARELANE_", "STRIPE_")  # those of a later version too, which Settings does not know yet

_DOOR = ("DATABASE_URL", "REDIS_URL", "STRIPE_WEBHOOK_SECRETS", "CARELANE_SEAL_PUBLIC_KEY", "CARELANE_LOOKUP_KEY")
_WORKER = ("DATABASE_URL", "REDIS_URL", "CARELANE_UNSEAL_PRIVATE_KEY")
# What each cannot work without; a process that is not named here needs nothing.
NEEDS = {
    "webhook": _DOOR,
    "app": ("DATABASE_URL", "CARELANE_SEAL_PUBLIC_KEY", "CARELANE_LOOKUP_KEY"),
    "stream": ("DATABASE_URL", "CARELANE_LOOKUP_KEY"),
    "crisis": _WORKER,
    "standard": _WORKER,
    "steady": _WORKER,
    "relay": ("DATABASE_URL", "REDIS_URL"),
    "deliver": ("DATABASE_URL", "CARELANE_CALLBACK_KEY"),
    "beat": ("REDIS_URL",),
    "flower": ("REDIS_URL", "CARELANE_FLOWER_PASSWORD"),
}

# What serves in the place of another.
_INSTEAD = {"REDIS_URL": "CARELANE_BROKER_URL"}


@dataclass(frozen=True, slots=True)
class Process:
    """What to become."""

    command: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)


def entries() -> dict[str, str]:
    """Commands by name, as Carelane's own Procfile has them."""
    try:
        return procfile.parse(procfile.USUAL.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{procfile.USUAL} cannot be read: {error.strerror}") from error


def prepare(instance: str, environ: Mapping[str, str] = os.environ) -> Process:
    """The process of this name (or name.number) with its share of the settings; its directories are made.

    Raises Unusable or SettingsError, the latter with every fault at once.
    """
    known = entries()
    name, _, number = instance.partition(".")
    if name not in known or not (instance == name or number.isdigit()):
        raise Unusable(f"{instance} is no process of the Procfile: {', '.join(known)}")
    values = _filled_in(environment.merged(environ), NEEDS.get(name, ()))
    try:
        values["CARELANE_HOME"] = str(make_home(Path(values["CARELANE_HOME"])))
        share = environment_for(instance, values, environ)
        command = procfile.command_of(known[name], share)
    except StartFailed as error:
        raise Unusable(str(error)) from error
    _make_room(instance, values, share)
    return Process(command, share)


def _filled_in(values: Mapping[str, str], needed: tuple[str, ...]) -> dict[str, str]:
    """Our settings with the defaults that command lines mention."""
    faults = [
        f"{name} is not set"
        for name in needed
        if not values.get(name, "").strip() and not values.get(_INSTEAD.get(name, ""), "").strip()
    ]
    try:
        settings = load(values)
    except SettingsError as error:
        settings = Settings()
        faults += [fault for fault in error.faults if fault.partition(" ")[0] not in {f.split()[0] for f in faults}]
    if "," in values.get("CARELANE_FLOWER_PASSWORD", ""):
        faults.append("CARELANE_FLOWER_PASSWORD holds a comma, which Flower takes for the end of it")
    if faults:
        raise SettingsError(faults)
    defaults = {
        "CARELANE_HOME": str(settings.home),
        "CARELANE_HOST": settings.host,
        "CARELANE_FLOWER_HOST": settings.flower_host,
        "CARELANE_WEBHOOK_PORT": str(settings.webhook_port),
        "CARELANE_WEBHOOK_PROCESSES": str(settings.webhook_processes),
        "CARELANE_APP_PORT": str(settings.app_port),
        "CARELANE_APP_PROCESSES": str(settings.app_processes),
        "CARELANE_STREAM_PORT": str(settings.stream_port),
        "CARELANE_FLOWER_PORT": str(settings.flower_port),
    }
    return defaults | {name: value for name, value in values.items() if name in _KNOWN or name.startswith(_OURS)}


def _make_room(instance: str, values: Mapping[str, str], share: Mapping[str, str]) -> None:
    """The directories it writes to; and the mark of an earlier one's readiness goes."""
    home = Path(values["CARELANE_HOME"])
    for folder in (share.get("PROMETHEUS_MULTIPROC_DIR"), home / "run" / "pulse"):
        if folder:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    ready_file(instance, values).unlink(missing_ok=True)
