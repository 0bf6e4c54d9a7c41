"""The door imports nothing it does not need: what is not there cannot break it or slow its start."""

import subprocess
import sys

HEAVY = {"marshmallow", "stripe", "celery", "kombu", "schemas", "ingress.api", "ingress.cli", "workers", "sentry_sdk"}


def test_the_door_imports_no_more_than_it_needs():
    listing = "import sys, ingress.webhook.door; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, timeout=60)
    modules = set(found.stdout.split())
    assert "ingress.webhook.door" in modules
    assert modules & HEAVY == set()
    assert {name for name in modules if name.startswith("shared.rules.")} == {"shared.rules.lanes"}
