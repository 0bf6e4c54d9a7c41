"""The stream door's process: `python -m ingress.serve ingress.stream.door --streams`."""

import resource
from functools import partial

from ingress.api.credentials import Credentials
from ingress.api.making import identities
from ingress.stream.admission import Admission
from ingress.stream.asgi import Parts, StreamDoor
from ingress.stream.feed import Feed
from ingress.stream.readers import Readers
from shared import config, pulse, telemetry
from shared.access_cache import AccessCache
from shared.db import Pool
from shared.people_settings import policy_of
from shared.waking import TOLD, Waker

_STATEMENT_TIMEOUT_MS = 2000
_CONNECTIONS = 5  # one for each thread that admits, and the feed's
_LISTEN_AGAIN_SECONDS = 1.0  # to Redis, when it was away; the feed has a clock of its own
_FILES_BESIDE_STREAMS = 200


def create() -> StreamDoor:
    """Build the door from the environment; raises SettingsError when it cannot be used."""
    settings = config.load()
    settings.require("database_url", "lookup_key")
    telemetry.configure("stream", settings)
    _allow_files(settings.streams + _FILES_BESIDE_STREAMS)
    pool = Pool(
        settings.database_url or "", name="stream", size=_CONNECTIONS, statement_timeout_ms=_STATEMENT_TIMEOUT_MS
    )
    memory = AccessCache(settings.home / "run" / "stream-tokens.sqlite", settings.lookup_key or b"")
    readers = Readers(settings.streams)
    feed = Feed(pool, readers.hand_out, begin_anew=partial(readers.end_all, "renew"))
    waker = Waker(settings.redis_url, TOLD, feed.wake, every=_LISTEN_AGAIN_SECONDS)
    credentials = Credentials(settings.lookup_key or b"", identities(settings), memory)

    def close() -> None:
        waker.close()
        feed.close()
        memory.close()
        pool.close()

    parts = Parts(
        feed=feed,
        readers=readers,
        admission=Admission(pool.transaction, credentials, policy_of(settings)),
        transaction=pool.transaction,
        kept_days=settings.notice_days,
        beat=partial(pulse.beat, settings.home, "stream"),
        close=close,
    )
    return StreamDoor(parts)


def _allow_files(wanted: int) -> None:
    """Each stream is a file to the kernel; a limit that may be raised by ourselves is no reason to refuse one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
