"""The doors, as they answer at the ports that the settings name."""

import http.client
from collections.abc import Iterator

from shared.checks.finding import Finding, fault, ok, warning
from shared.config import Settings
from shared.own_address import reachable

_TIMEOUT_SECONDS = 3.0
_OK = 200


def look(settings: Settings) -> Iterator[Finding]:
    doors = {
        "webhook door": settings.webhook_port,
        "application door": settings.app_port,
        "stream door": settings.stream_port,
    }
    for name, port in doors.items():
        yield door(name, settings.host, port)


def door(name: str, host: str, port: int) -> Finding:
    """Whether GET /readyz is answered 200."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except TimeoutError:
        return fault(name, f"It takes connections at port {port} but does not answer.", "Restart it; read its log.")
    except (OSError, http.client.HTTPException):
        return warning(
            name,
            f"Nothing answers at port {port} here.",
            "Start it, unless it runs on another machine or in another container.",
        )
    finally:
        connection.close()
    if status != _OK:
        action = "It needs the database: see the findings about PostgreSQL, then its log."
        return fault(name, f"It is not ready: it answers {status}.", action)
    return ok(name, f"It is ready at port {port}.")
