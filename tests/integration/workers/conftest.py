"""A processor as a worker process has it, over a real database."""

import pytest

from shared import crypto, data_keys
from shared.crypto import Reader
from shared.inbox import Inbox
from tests.integration.cli.conftest import many  # noqa: F401 - a fixture
from workers.failure import flood_of, policies_of
from workers.process import Processor


@pytest.fixture
def inbox(pool, private_key, settings):
    return Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=settings.lookup_key)


@pytest.fixture
def processor(pool, private_key, settings):
    return Processor(
        pool=pool,
        reader=Reader(private_key, data_keys.fetcher(pool)),
        policies=policies_of(settings),
        flood=flood_of(settings),
        lease_seconds={"crisis": 8, "standard": 30},
        livemode=None,
        worker="test",
        random=lambda: 0.5,
    )
