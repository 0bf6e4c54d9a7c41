"""One call of a WSGI application (PEP 3333): a request that was read in full goes in, the whole answer comes out."""

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# These two have variables of their own; the body's framing ended when the body was read.
_NOT_PASSED_AS_HTTP = {"content-length", "content-type", "transfer-encoding"}


class Headers(Protocol):
    """Names are lower case; `items` repeats a repeated name and leaves out values that are not ASCII."""

    def keys(self) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...
    def get(self, key: str, default: None = None) -> str | None: ...
    def __contains__(self, key: str) -> bool: ...


class Scope(Protocol):
    """What we read of an RSGI request's scope; `path` is percent-decoded, `client` and `server` are host:port."""

    method: str
    path: str
    query_string: str
    http_version: str
    scheme: str
    client: str
    server: str

    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def environ(scope: Scope, body: bytes) -> Environ:
    """The environ of a request whose body is here already; nothing of this process's environment is in it."""
    host, _, port = scope.server.rpartition(":")
    return _header_variables(scope.headers) | {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "CONTENT_LENGTH": str(len(body)),
        # A router must not judge a request by a name its sender chose.
        "HTTP_HOST": scope.server,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _header_variables(headers: Headers) -> Environ:
    joined: dict[str, str] = {}
    for name, value in headers.items():
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    # A header that was sent but cannot be read is not a header that was never sent.
    joined = dict.fromkeys(headers.keys(), "") | joined
    variables = {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in joined.items()
        # `Stripe_Signature` would arrive under the very variable of `Stripe-Signature`.
        if "_" not in name and name not in _NOT_PASSED_AS_HTTP
    }
    return variables | ({"CONTENT_TYPE": joined["content-type"]} if "content-type" in joined else {})


def call(app: Application, variables: Environ) -> Answer:
    """Call the application and take its answer in full."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _failure: object = None) -> Callable[[bytes], None]:
        started.append((status, headers))
        return written.append

    parts = app(variables, start_response)
    try:
        written.extend(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    # An application may start again when it failed before its first byte: the last word counts.
    status, headers = started[-1]
    return Answer(int(status[:3]), headers, b"".join(written))


def header(headers: Headers, name: str) -> str | None:
    """One header as a WSGI application would see it: repetitions joined, empty when it cannot be read."""
    if name not in headers:
        return None
    return ",".join(value for key, value in headers.items() if key == name)
