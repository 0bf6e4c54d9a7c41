"""Roles of PostgreSQL, one for each kind of process: one that was broken into reaches no more than its work needs.

What each may do is in shared/sql/grants.sql.
"""

from collections.abc import Iterable, Mapping

# The setting that holds the role's URL, by process of the Procfile; a process that is not named has no database.
URLS = {
    "webhook": "CARELANE_WEBHOOK_DATABASE_URL",
    "app": "CARELANE_APP_DATABASE_URL",
    "stream": "CARELANE_STREAM_DATABASE_URL",
    "crisis": "CARELANE_WORKER_DATABASE_URL",
    "standard": "CARELANE_WORKER_DATABASE_URL",
    "steady": "CARELANE_WORKER_DATABASE_URL",
    "relay": "CARELANE_RELAY_DATABASE_URL",
    "deliver": "CARELANE_DELIVER_DATABASE_URL",
}
# By the setting: the role, and what its password is called among those of the embedded services.
ROLES = {
    "CARELANE_WEBHOOK_DATABASE_URL": ("carelane_webhook", "POSTGRES_WEBHOOK"),
    "CARELANE_APP_DATABASE_URL": ("carelane_app", "POSTGRES_APP"),
    "CARELANE_STREAM_DATABASE_URL": ("carelane_stream", "POSTGRES_STREAM"),
    "CARELANE_WORKER_DATABASE_URL": ("carelane_worker", "POSTGRES_WORKER"),
    "CARELANE_RELAY_DATABASE_URL": ("carelane_relay", "POSTGRES_RELAY"),
    "CARELANE_DELIVER_DATABASE_URL": ("carelane_deliver", "POSTGRES_DELIVER"),
}
AUDITOR = ("carelane_auditor", "POSTGRES_AUDITOR")
PASSWORDS = tuple(password for _, password in (*ROLES.values(), AUDITOR))


def passwords_in(passwords: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Each role with its password."""
    return ((role, passwords[name]) for role, name in (*ROLES.values(), AUDITOR) if name in passwords)


def urls(port: int, passwords: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The roles' URLs in the embedded PostgreSQL, as far as none was set by hand."""
    return {
        setting: f"postgresql://{role}:{passwords[name]}@127.0.0.1:{port}/carelane"
        for setting, (role, name) in ROLES.items()
        if name in passwords and not given.get(setting, "").strip()
    }


def share(process: str, values: Mapping[str, str]) -> dict[str, str]:
    """The one URL that this process works with, under the name that it reads."""
    own = values.get(URLS.get(process, ""), "").strip()
    return {"DATABASE_URL": own} if own else {}
