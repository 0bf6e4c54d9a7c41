"""What every page of a person tells the browser: no script at all, no trace, and frames for the application alone."""

from collections.abc import Sequence

from flask import Response, request

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with that a browser says of our own forms too that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Vary": "Cookie, Authorization, Accept-Language",
}
_YEAR_SECONDS = 365 * 24 * 3600


def add(response: Response, *, origins: Sequence[str], is_tls: bool) -> Response:
    """`origins`: whose pages may show ours in a frame."""
    frames = " ".join(origins) if origins else "'none'"
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = f"{_POLICY}; frame-ancestors {frames}"
    if not origins:
        response.headers["X-Frame-Options"] = "DENY"  # it knows no list, so only where there is none
    if not (request.endpoint or "").endswith(".static"):
        response.headers["Cache-Control"] = "no-store"
    if is_tls:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    return response
