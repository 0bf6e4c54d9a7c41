"""Redis or Valkey behind Sentinels: `sentinel://:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?service=NAME`.

Whoever connects asks one Sentinel after the other which server is the primary now (`shared/broker.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEME = "sentinel"
_PORT = 26379
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_OPTIONS = {"service", "sentinel_password"}


@dataclass(frozen=True, slots=True)
class Watched:
    """The server under this service's name; the Sentinels have a password of their own, or none."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    database: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sentinel_password: str | None = field(default=None, repr=False)


def is_watched(url: str) -> bool:
    return url.startswith(f"{SCHEME}://")


def read(url: str) -> Watched:
    """Raises ValueError with what is wrong, worded to follow the setting's name."""
    address = urlsplit(url)
    credentials, _, hosts = address.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    options = dict(parse_qsl(address.query, keep_blank_values=True))
    database = address.path.strip("/") or "0"
    if not options.get("service") or options.keys() - _OPTIONS:
        raise ValueError("names no service: sentinel://host:26379,host:26379/0?service=NAME")
    if not re.fullmatch(r"\d{1,4}", database):
        raise ValueError("names a database that is no number")
    return Watched(
        sentinels=tuple(_sentinel(part) for part in hosts.split(",")),
        service=options["service"],
        database=int(database),
        username=unquote(username) or None,
        password=unquote(password) or None,
        sentinel_password=options.get("sentinel_password") or None,
    )


def _sentinel(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", str(_PORT))
    if not _HOST.fullmatch(host) or not 0 < int(port) < 65536:  # noqa: PLR2004 - the largest port there is
        raise ValueError("names a Sentinel that is not host or host:port")
    return host.strip("[]"), int(port)


def limits(watched: Watched, *, timeout_seconds: float) -> dict[str, Any]:
    """How a Sentinel is asked."""
    own = {} if watched.sentinel_password is None else {"password": watched.sentinel_password}
    return {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds} | own


def celery_url(url: str) -> str:
    """The same as kombu reads it: every Sentinel is a URL."""
    watched = read(url)
    user = quote(watched.username or "", safe="")
    password = "" if watched.password is None else f":{quote(watched.password, safe='')}"
    credentials = f"{user}{password}@" if user or password else ""
    places = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in watched.sentinels)
    return ";".join(f"{SCHEME}://{credentials}{place}/{watched.database}" for place in places)


def celery_options(url: str, *, timeout_seconds: float) -> Mapping[str, Any]:
    """What kombu takes aside."""
    watched = read(url)
    return {"master_name": watched.service, "sentinel_kwargs": limits(watched, timeout_seconds=timeout_seconds)}
