"""The figures of the application door as they are scraped: each call under its name, and what the front answered."""

import base64

from tests.integration.conftest import LOOKUP_KEY
from tests.integration.webhook.conftest import request, serving


def series(operation, status, count):
    return f'carelane_app_requests_total{{operation="{operation}",status="{status}"}} {count:.1f}'


def test_each_call_is_counted_under_its_name(client, backend, nobody):
    backend.put("/api/people/somebody", {})
    backend.get("/api/access/somebody")
    nobody.get("/api/access/somebody")
    client.get("/api/openapi.json")
    told = client.get("/metrics").text
    expected = {
        series("putPerson", "2xx", 1),
        series("getAccess", "2xx", 1),
        series("getAccess", "4xx", 1),
        series("openapi", "2xx", 1),
    }
    assert expected <= set(told.splitlines())
    assert 'carelane_app_seconds_count{operation="getAccess"} 2.0' in told
    assert "somebody" not in told


def test_a_body_that_the_front_did_not_get_is_counted_too(settings, tmp_path):
    environ = {
        "DATABASE_URL": settings.database_url,
        "CARELANE_HOME": str(tmp_path / "home"),
        "CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(settings.seal_public_key).decode(),
    }
    with serving("ingress.api.door", tmp_path / "log", **environ) as served:
        half = request("Content-Length: 20", method="PUT", path="/api/people/somebody")
        assert served.exchange(half, b'{"graceDays"', ends=True)[0] == 400
        told = served.get("/metrics")[1]
    assert series("front", "4xx", 1) in told
    assert series("putPerson", "4xx", 0) in told
