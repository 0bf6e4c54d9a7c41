"""What every page of the console tells the browser: nothing from elsewhere, no script in line, no frame, no trace."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Response

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with that a browser sends its forms with `Origin: null`, which no form of ours may have.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cache-Control": "no-store",
    }
)
_YEAR_SECONDS = 365 * 24 * 3600


def add(response: Response, *, is_tls: bool) -> Response:
    response.headers.update(dict(HEADERS))
    if is_tls:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    return response
