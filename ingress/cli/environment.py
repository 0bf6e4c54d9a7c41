"""Settings of a command: the environment, over what the running services left in CARELANE_HOME/env."""

import os
from collections.abc import Mapping
from pathlib import Path

from ingress.cli.up import roles
from ingress.cli.up.home import read_pairs
from shared import config

_OPEN_TO_OTHERS = 0o077
_ROOT = 0


def settings(environ: Mapping[str, str] = os.environ) -> config.Settings:
    """Read the settings in effect; raises SettingsError with every fault."""
    return config.load(merged(environ))


def merged(environ: Mapping[str, str]) -> dict[str, str]:
    """The file's settings with the environment's laid over them; only variables that Settings knows are taken."""
    home = Path(environ.get("CARELANE_HOME", "").strip() or config.Settings().home).expanduser()
    known = set(config.variable_names())
    found = {name: value for name, value in _left_by_services(home / "env").items() if name in known}
    # A blank variable means "unset" everywhere but for the secret, where it is a fault that must be told.
    given = {name: value for name, value in environ.items() if value.strip() or name == "STRIPE_WEBHOOK_SECRETS"}
    if "DATABASE_URL" in given:
        # Another database was named: the roles of the one that was left belong to that one.
        found = {name: value for name, value in found.items() if name not in roles.ROLES}
    return found | given


def _left_by_services(path: Path) -> dict[str, str]:
    """Refuse a file that somebody else could have written: it would choose the database we act on."""
    try:
        status = path.stat()
        if status.st_mode & _OPEN_TO_OTHERS:
            raise config.SettingsError([f"{path} is open to others: chmod 600 it"])
        if status.st_uid != os.getuid() and os.getuid() != _ROOT:
            raise config.SettingsError([f"{path} belongs to another user"])
        return read_pairs(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise config.SettingsError([f"{path} cannot be read: {error}"]) from error
