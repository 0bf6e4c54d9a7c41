"""What is committed stays so: an error in telling of it must not look like a failure of the work."""

from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec

import structlog

log = structlog.get_logger(__name__)

_Told = ParamSpec("_Told")


def say(tell: Callable[_Told, object], /, *args: _Told.args, **kwargs: _Told.kwargs) -> None:
    try:
        tell(*args, **kwargs)
    except Exception as error:  # the task's own time limit is one
        with suppress(Exception):
            log.warning("what is done could not be told", action="event.untold", exc_info=error)
