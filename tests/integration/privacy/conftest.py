import base64
import dataclasses

import pytest

from shared import crypto, data_keys
from shared.crypto import Reader
from tests.integration.cli.conftest import carelane
from tests.integration.workers.conftest import inbox, processor

__all__ = ["carelane", "inbox", "processor"]


def text(key):
    return base64.b64encode(key).decode()


@pytest.fixture
def reading_as(processor, pool):
    """The same worker with other private keys."""

    def change(private_key, *earlier):
        return dataclasses.replace(processor, reader=Reader(private_key, data_keys.fetcher(pool), earlier=earlier))

    return change


@pytest.fixture(scope="session")
def later_key():
    return crypto.new_private_key()
