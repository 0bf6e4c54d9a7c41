"""What went wrong, in words on stderr, and the exit code for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ingress.cli import exits
from shared.config import SettingsError
from shared.errors import CarelaneError, StripeAway, TransientError


class Failed(click.ClickException):
    exit_code = exits.FAILED


class Unusable(click.ClickException):
    exit_code = exits.USAGE


class Away(click.ClickException):
    exit_code = exits.AWAY


@contextmanager
def told() -> Iterator[None]:
    """Translate the errors that commands let through."""
    try:
        yield
    except SettingsError as error:
        raise Unusable(str(error)) from error
    except StripeAway as error:
        raise Away(str(error)) from error  # the library's own words may show a part of the key
    except TransientError as error:
        raise Away(f"{error}{_cause(error)}") from error
    except CarelaneError as error:
        raise Failed(str(error)) from error


def _cause(error: TransientError) -> str:
    """The driver's own first line: it names the address, never the password."""
    lines = str(error.__cause__ or "").strip().splitlines()
    return f": {lines[0]}" if lines else ""
