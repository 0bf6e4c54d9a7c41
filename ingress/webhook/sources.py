"""The networks that Stripe's requests come from, by a file that is kept fresh; the last good list stays."""

import contextlib
import os
from pathlib import Path

import structlog

from ingress.origin import Address, Network, within
from shared.source_list import read


class SourceList:
    """`copy` outlives restarts: a list that was good once serves until a better one comes."""

    def __init__(self, path: Path, *, copy: Path) -> None:
        self._path = path
        self._copy = copy
        self._networks: tuple[Network, ...] = ()
        self._seen: tuple[int, int] | None = None
        self.is_stale = False

    def refresh(self) -> None:
        """Read the file if it changed. Whatever is wrong with it is told, and changes nothing."""
        try:
            told = self._path.stat()
            seen = (told.st_mtime_ns, told.st_size)
            if seen == self._seen and not self.is_stale:
                return
            self._networks = read(self._path)
            self._seen, self.is_stale = seen, False
            self._remember()
        except (OSError, ValueError) as error:
            if not self.is_stale:
                log = structlog.get_logger(__name__)
                log.warning("the list of sources cannot be used", action="sources.stale", kind=type(error).__name__)
            self.is_stale = True
            if not self._networks:
                self._recall()

    @property
    def is_known(self) -> bool:
        return bool(self._networks)

    def allows(self, address: Address | None) -> bool:
        return address is not None and within(address, self._networks)

    def _remember(self) -> None:
        with contextlib.suppress(OSError):
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._copy.with_name(f"{self._copy.name}.{os.getpid()}")
            fresh.write_text("".join(f"{network}\n" for network in self._networks), encoding="ascii")
            fresh.replace(self._copy)

    def _recall(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._networks = read(self._copy)
