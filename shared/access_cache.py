"""The last answer about each person's access, on this host's disk, for when PostgreSQL cannot be asked.

Sealed, under keyed names, and best effort: whatever is wrong with it, nobody fails by it and nobody waits long for it.
"""

import json
import os
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.access_document import Document
from shared.cache_file import Handle
from shared.crypto import lookup_hash

_MOST_ANSWERS = 100_000
_PRUNED_EVERY = 1_000
_READ_WAIT_SECONDS = 0.02  # a person waits for it
_WRITE_WAIT_SECONDS = 1.0  # in a thread of its own (`shared/access_keeper.py`)
_NONCE_BYTES = 12
_SECOND = 1_000_000  # `number` is of when the answer is, in microseconds
# One that says the same is written again after so long, so that `asOf` tells about when it was last true.
_RENEWED_AFTER = 3600 * _SECOND
# Answers of one moment may come here in another order. One that is much newer has been told by a clock that was wrong.
OVERTAKEN_WITHIN = 60 * _SECOND
_FIND = "SELECT number, sealed FROM answers WHERE name = ?"
_KEEP = """
    INSERT INTO answers (name, number, sealed) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET number = excluded.number, sealed = excluded.sealed
    WHERE answers.number NOT BETWEEN excluded.number + 1 AND excluded.number + ?
"""
_PRUNE = "DELETE FROM answers WHERE name IN (SELECT name FROM answers ORDER BY number DESC LIMIT -1 OFFSET ?)"


def number_of(moment: datetime) -> int:
    return round(moment.timestamp() * _SECOND)


class Memory(Protocol):
    """What is known of a subject, for worse times. Neither of the two raises."""

    def keep(self, subject: str, document: Document, *, as_of: datetime) -> None: ...
    def find(self, subject: str) -> Document | None: ...


class AccessCache:
    """One for each process; processes of one host share the file."""

    def __init__(self, path: Path, lookup_key: bytes, *, most: int = _MOST_ANSWERS) -> None:
        # Two: while a write waits for the disk, what is there can be read.
        self._writing = Handle(path, wait_seconds=_WRITE_WAIT_SECONDS)
        self._reading = Handle(path, wait_seconds=_READ_WAIT_SECONDS)
        self._lookup_key = lookup_key
        self._aead = AESGCM(lookup_hash(lookup_key, "access-cache", b"key"))
        self._most = most
        self._kept = 0

    def keep(self, subject: str, document: Document, *, as_of: datetime) -> None:
        """Remember this answer, unless the file says the same, or has one of a little later."""
        name, number = self._name(subject), number_of(as_of)
        self._writing.use(lambda connection: self._keep(connection, name, number, document))
        if not self._reading.is_open:  # ahead: in the moment of an outage nobody is to wait for that
            self._reading.use(lambda _: None)

    def find(self, subject: str) -> Document | None:
        found = self.last(subject)
        return None if found is None else found[0]

    def last(self, subject: str) -> tuple[Document, int] | None:
        """The last answer, and the number of when it is."""
        name = self._name(subject)
        row = self._reading.use(lambda connection: connection.execute(_FIND, (name,)).fetchone())
        if row is None or (document := self._unsealed(name, row[1])) is None:
            return None
        return document, row[0]

    def close(self) -> None:
        self._writing.close()
        self._reading.close()

    def _name(self, subject: str) -> bytes:
        return lookup_hash(self._lookup_key, "access-cache", subject.encode())

    def _keep(self, connection: sqlite3.Connection, name: bytes, number: int, document: Document) -> None:
        row = connection.execute(_FIND, (name,)).fetchone()
        if row is not None and 0 <= number - row[0] < _RENEWED_AFTER and _agree(self._unsealed(name, row[1]), document):
            return
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._aead.encrypt(nonce, json.dumps(document).encode(), name)
        with connection:
            connection.execute(_KEEP, (name, number, sealed, OVERTAKEN_WITHIN))
            self._kept += 1
            if self._kept % _PRUNED_EVERY == 1:
                connection.execute(_PRUNE, (self._most,))

    def _unsealed(self, name: bytes, sealed: bytes) -> Document | None:
        """None where it is another's, or sealed under another key."""
        try:
            document: Document = json.loads(self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name))
        except (InvalidTag, ValueError):
            return None
        return document


def _agree(one: Document | None, other: Document) -> bool:
    return one is not None and {**one, "asOf": None} == {**other, "asOf": None}
