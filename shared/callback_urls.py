"""The URL of an endpoint of callbacks, taken apart: https, and nothing in it that is not sent."""

from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_URL = 2000
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """`path` with its query; `authority` is what the Host header says."""

    scheme: str
    host: str
    port: int
    path: str
    authority: str


def target_of(url: str, *, allows_http: bool = False) -> Target:
    """Raises ValueError with what is wrong, worded to follow "the URL"."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"is longer than {LONGEST_URL} characters, or holds some that no URL has")
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allows_http else {"https"}):
        raise ValueError("does not begin with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("holds a password or a fragment")
    if not parts.hostname:
        raise ValueError("names no host")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port  # `port` itself raises ValueError
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path, parts.netloc)
