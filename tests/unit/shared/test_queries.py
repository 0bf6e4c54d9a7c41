"""What must hold of a statement's text."""

from shared.queries import load


def test_psycopg_still_caches_what_the_door_asks_with():
    """Longer than this it is parsed anew for every group (psycopg's `_queries.MAX_CACHED_STATEMENT_LENGTH`)."""
    assert len(load("inbox")["keep_events"]) <= 4096
