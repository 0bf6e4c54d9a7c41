"""What the application door works with, made once for each process and handed to every call."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from ingress.api.credentials import Credentials
from shared.access_answer import AccessAnswers
from shared.config import Settings
from shared.db import Connection
from shared.rules.lanes import OPEN_CRISIS
from shared.rules.standing import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workings:
    """`ring` tells the workers of rows that now go first; it raises nothing and waits for nobody long.

    `ring_owed` tells whoever delivers notices that some may have been committed. `tell_worker`, by a task's name, of a
    row that somebody waits for.
    """

    settings: Settings
    policy: Policy
    transaction: Callable[[], AbstractContextManager[Connection]]
    credentials: Credentials
    answers: AccessAnswers
    ring: Callable[[Sequence[int], int], None]
    ring_owed: Callable[[], None] = lambda: None
    tell_worker: Callable[[str, str], None] = lambda _task, _row_id: None
    lookup_key: bytes = field(repr=False)
    public_key: bytes = field(repr=False)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """One question in a transaction of its own."""
        with self.transaction() as conn:
            return question(conn)

    def ring_first(self, rows: Sequence[int]) -> None:
        """For rows of people in danger."""
        if rows:
            self.ring(rows, OPEN_CRISIS)
