"""When this worker last took something up: written by its child, read by its parent, in memory that a fork shares."""

import mmap
import struct
import time

_NUMBER = struct.Struct("d")


class Taking:
    """Made before the fork; moments are of the monotonic clock, which is the same one in both processes."""

    def __init__(self) -> None:
        # One number, so that no reader ever sees half of it: since when, and below zero while a task runs.
        self._memory = mmap.mmap(-1, _NUMBER.size)
        self.rests()

    def starts(self) -> None:
        self._write(-time.monotonic())

    def rests(self) -> None:
        self._write(time.monotonic())

    def since(self) -> tuple[bool, float]:
        """Whether a task runs, and since when it runs or none does."""
        (number,) = _NUMBER.unpack_from(self._memory)
        return number < 0, abs(number)

    def _write(self, number: float) -> None:
        _NUMBER.pack_into(self._memory, 0, number)
