"""The last answer about each person's access, on this host's disk, for when PostgreSQL cannot be asked.

Sealed, under keyed names, and best effort: whatever is wrong with it, nobody fails by it and nobody waits long for it.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.access_document import Document
from shared.crypto import lookup_hash

log = structlog.get_logger(__name__)

_MOST_ANSWERS = 100_000
_PRUNED_EVERY = 1_000
_WAIT_SECONDS = 0.02  # for another process that is writing
_NONCE_BYTES = 12
_TABLE = "CREATE TABLE IF NOT EXISTS answers (name BLOB PRIMARY KEY, number INTEGER, sealed BLOB) WITHOUT ROWID"
_KEEP = "INSERT OR REPLACE INTO answers SELECT ?, coalesce(max(number), 0) + 1, ? FROM answers"
_NEWEST = "CREATE INDEX IF NOT EXISTS newest ON answers (number)"
_PRUNE = "DELETE FROM answers WHERE number <= (SELECT max(number) FROM answers) - ?"


class AccessCache:
    """One for each process; processes of one host share the file."""

    def __init__(self, path: Path, lookup_key: bytes, *, most: int = _MOST_ANSWERS) -> None:
        self._path = path
        self._lookup_key = lookup_key
        self._aead = AESGCM(lookup_hash(lookup_key, "access-cache", b"key"))
        self._most = most
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._kept = 0
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, user_id: str, document: Document) -> None:
        """Remember this answer; one that says the same as the one before is not written again."""
        digest = hashlib.sha256(json.dumps({**document, "asOf": None}).encode()).digest()
        if self._known.get(user_id) == digest:
            return
        name = self._name(user_id)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._aead.encrypt(nonce, json.dumps(document).encode(), name)
        with self._guarded():
            with self._opened() as connection:
                connection.execute(_KEEP, (name, sealed))
                self._kept += 1
                if self._kept % _PRUNED_EVERY == 1:
                    connection.execute(_PRUNE, (self._most,))
            self._known[user_id] = digest
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def find(self, user_id: str) -> Document | None:
        name = self._name(user_id)
        with self._guarded():
            row = self._opened().execute("SELECT sealed FROM answers WHERE name = ?", (name,)).fetchone()
            if row is not None:
                opened = self._aead.decrypt(row[0][:_NONCE_BYTES], row[0][_NONCE_BYTES:], name)
                document: Document = json.loads(opened)
                return document
        return None

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _name(self, user_id: str) -> bytes:
        return lookup_hash(self._lookup_key, "access-cache", user_id.encode())

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One thread at a time; what goes wrong inside ends quietly, and a file that is damaged is begun anew."""
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OSError, InvalidTag, ValueError) as error:
                log.warning("the cache of answers does not serve", action="access.cache", kind=type(error).__name__)
                self._forget()
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                    with contextlib.suppress(OSError):
                        self._path.unlink()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._owner != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else's to read
            self._connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, check_same_thread=False)
            self._owner = os.getpid()
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_TABLE)
            self._connection.execute(_NEWEST)
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None and self._owner == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._known.clear()
