"""One running Carelane for the quick cases, with processes that a test may trip; a table of what was seen."""

import pytest

from tests.chaos.procfile import doctored
from tests.chaos.scene import Scene
from tests.chaos.table import Table
from tests.running import Carelane, Servers


def pytest_addoption(parser):
    parser.addoption("--chaos-table", help="write the fault matrix of this run to this Markdown file")


def pytest_configure(config):
    config.addinivalue_line("markers", "case(number, *, injected, expected): a case of the fault matrix")
    config.pluginmanager.register(Table())


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("chaos-servers"))
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def carelane(servers, tmp_path_factory):
    """Limits and leases are short, so that the cases of this instance end while a person would still wait."""
    place = tmp_path_factory.mktemp("chaos")
    carelane = Carelane(
        place / "home",
        procfile=doctored(place / "Procfile"),
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        CARELANE_TASK_SOFT_LIMIT_SECONDS="4",
        CARELANE_TASK_HARD_LIMIT_SECONDS="6",
        CARELANE_LEASE_SECONDS="8",
        CARELANE_CRISIS_UNCLAIMED_SECONDS="2",
        CARELANE_STANDARD_UNCLAIMED_SECONDS="4",
        CARELANE_CALLBACK_NETWORKS="127.0.0.0/8",
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


@pytest.fixture
def seen(request):
    """What the table says of this case: `seen("3 attempts")`."""
    return lambda text: request.node.user_properties.append(("seen", str(text)))


@pytest.fixture
def scene(carelane, servers, seen):
    """Ends with all events settled and all workers well, or the case has failed."""
    scene = Scene(carelane, servers, tell=seen)
    yield scene
    scene.all_is_well()
