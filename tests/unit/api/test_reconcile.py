"""Where a comparison stands, as a caller is told it."""

import uuid
from datetime import UTC, datetime

import pytest

from ingress.api import admin_reconcile
from ingress.api.admin_reconcile import ReconcileGiven, Reconciliation
from shared.comparisons import Comparison

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ASKED = {
    "id": uuid.uuid4(), "actor": "token:backend", "names": ["sub_1"], "reason": "x", "dry_run": False, "asked_at": AT,
    "taken_at": None, "ended_at": None, "refused": None, "known": None, "compared": None, "findings": None,
}  # fmt: skip
DONE = {"taken_at": AT, "ended_at": AT, "known": 2, "compared": 1, "findings": []}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "waiting"),
        ({"taken_at": AT}, "running"),
        (DONE, "done"),
        ({"taken_at": AT, "ended_at": AT, "refused": "no_key"}, "refused"),
    ],
)
def test_it_is_told_how_far_it_has_come_in_the_shape_that_is_documented(changes, status):
    document = admin_reconcile._document(Comparison(**ASKED | changes))
    assert document["status"] == status
    assert Reconciliation().validate(document) == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "userId"),
        ({"dryRun": True}, "userId"),
        ({"userId": ""}, "userId"),
        ({"subjectId": "a", "dryRun": 1}, "dryRun"),
    ],
)
def test_what_names_nothing_or_cannot_be_meant_is_refused(given, field):
    assert list(ReconcileGiven().validate(given)) == [field]
