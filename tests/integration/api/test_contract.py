"""What the door tells of itself is held against what it answers, with calls that nobody would think of."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS as KNOWN

from ingress.api.resources import TOLD
from ingress.api.shapes import camel

CALLS = [call for calls in TOLD.values() for call in calls]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# The same ones each time, so that a run says the same as the one before; few, for each is asked of every call.
FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=400, derandomize=False)
MARKS = [pytest.mark.chaos_long, pytest.mark.timeout(900)]


@pytest.fixture
def operation_of(client):
    told = schemathesis.openapi.from_wsgi("/api/openapi.json", client.application)

    def find(call):
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: "{" + camel(name[1]) + "}", call.path)
        return told[path][call.method]

    return find


@pytest.mark.parametrize("examples", [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=MARKS)])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_no_call_ends_in_a_fault_or_in_an_answer_that_is_not_told(call, examples, operation_of, backend, person, known):
    """Asked by a service that may do all, and by a person who may see what is theirs."""
    checks = [KNOWN.get_one(name) for name in CHECKS]
    callers = [caller.headers for caller in (backend, person(known))]

    @examples
    @given(case=operation_of(call).as_strategy())
    def hold(case):
        for headers in callers:
            case.validate_response(case.call(headers=headers), checks=checks)

    hold()
