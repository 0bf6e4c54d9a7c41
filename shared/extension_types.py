"""The event types that other packages handle, for whoever reads Stripe's list and handles none of them."""

from importlib.metadata import entry_points

import structlog

from shared.extensions import HANDLERS

log = structlog.get_logger(__name__)


def handled() -> frozenset[str]:
    """Of every handler that loads; the workers judge the others and tell of them."""
    found: set[str] = set()
    for point in entry_points(group=HANDLERS):
        try:
            found.update(one for one in point.load().types if isinstance(one, str))
        except Exception as error:  # noqa: BLE001 - whatever a foreign module raises is its own fault
            log.warning(
                "an extension does not load", action="extension.refused", name=point.name, code=type(error).__name__
            )
    return frozenset(found)
