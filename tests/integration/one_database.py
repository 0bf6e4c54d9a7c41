"""Fixtures for a conftest: one database for all tests of a module, emptied of its `tables` before each."""

import pytest

from tests.integration.cloning import cloned, empty


@pytest.fixture(scope="module")
def database_url(postgres_port, template_database):
    with cloned(postgres_port, template_database) as url:
        yield url


@pytest.fixture(autouse=True)
def emptied(database_url, tables):
    """Nothing of the test before."""
    empty(database_url, tables)
