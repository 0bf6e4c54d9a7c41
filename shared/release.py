"""Which version of Carelane this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release() -> str:
    """Of the installed package; a tree that was never installed has none."""
    try:
        return version("carelane")
    except PackageNotFoundError:
        return "unknown"
