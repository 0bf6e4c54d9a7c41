"""That the hotline was used is counted, and nothing of it is kept."""

import pytest
from prometheus_client import REGISTRY

PATH = "/api/hotline-use"


def used(how):
    return REGISTRY.get_sample_value("carelane_hotline_used_total", {"how": how})


def test_a_person_and_the_backend_may_tell_of_it(backend, person, conn):
    before = used("call")
    for caller in (backend, person("somebody")):
        assert caller.post(PATH, {"how": "call"}) == (202, {"noted": True})
    assert used("call") == before + 2
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE object LIKE '%somebody%'").fetchone()["n"] == 0
    assert conn.execute("SELECT count(*) AS n FROM people").fetchone()["n"] == 0


def test_a_service_needs_the_scope(service):
    assert service("payouts").post(PATH, {"how": "call"})[1]["code"] == "MISSING_SCOPE"


@pytest.mark.parametrize("body", [{}, {"how": "shouting"}, {"how": "call", "userId": "p"}])
def test_what_is_not_asked_for_is_refused(backend, body):
    assert backend.post(PATH, body)[1]["code"] == "INVALID_FIELDS"
