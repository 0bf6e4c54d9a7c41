"""Puts on record what changed of the settings since the last start; of a secret only that it did."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shared import audit, crypto
from shared.config import Settings
from shared.db import Connection
from shared.queries import load
from shared.setting_values import WebhookSecret

_ACT, _OBJECT = "settings.changed", "settings"
# Addresses and passwords of this machine's own servers say nothing of how Carelane was set up.
_OWN = re.compile(r"(\w+_)?database_url|redis_url|home")


def note(conn: Connection, settings: Settings, *, actor: str) -> list[str]:
    """Record the settings that differ from those on record; their names. A secret's fingerprint is keyed."""
    row = conn.execute(load("audit")["latest"], {"act": _ACT, "object": _OBJECT}).fetchone()
    known: Mapping[str, str] = {} if row is None else row["after"]
    now = _told(settings)
    changed = sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))
    if changed:
        before = {name: known[name] for name in changed if name in known}
        reason = f"changed: {', '.join(changed)}" if known else "the first start on record"
        audit.record(conn, actor=actor, act=_ACT, object=_OBJECT, reason=reason, before=before, after=now)
    return changed


def _told(settings: Settings) -> dict[str, str]:
    return {
        declared.metadata["name"]: _shown(settings, value, is_secret=not declared.repr)
        for declared in fields(Settings)
        if not _OWN.fullmatch(declared.name) and (value := getattr(settings, declared.name)) != declared.default
    }


def _shown(settings: Settings, value: Any, *, is_secret: bool) -> str:
    match value:
        case (WebhookSecret(), *_):
            return " ".join(f"{one.name}:{_fingerprint(settings, one.value)}" for one in value)
        case _ if is_secret:
            return _fingerprint(settings, repr(value))
        case bytes():
            return crypto.fingerprint(value)
        case frozenset():
            return " ".join(sorted(value))  # in one order, or it would be another text at each start
        case _:
            return str(value)


def _fingerprint(settings: Settings, text: str) -> str:
    """Equal secrets look alike, and none can be guessed: the lookup key makes it. Without one: that it is set."""
    if settings.lookup_key is None:
        return "set"
    return crypto.lookup_hash(settings.lookup_key, "setting", text.encode()).hex()[:12]
