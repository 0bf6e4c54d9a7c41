"""Figures of one process, and of several that share a folder."""

import os
import subprocess
import sys

from prometheus_client import CollectorRegistry, Counter, Gauge

from ingress.exposition import exposition

COUNTS_ONCE = """
from prometheus_client import CollectorRegistry
from ingress.exposition import exposition
from ingress.webhook.metrics import Metrics
metrics = Metrics(CollectorRegistry())
metrics.count("RECEIVED")
metrics.seconds.observe(0.1)
print(exposition(metrics.registry).body.decode())
"""


def test_a_process_on_its_own_tells_its_registry_and_what_was_computed():
    registry, momentary = CollectorRegistry(), CollectorRegistry()
    Counter("kept", "Kept.", registry=registry).inc()
    answer = exposition(registry, Gauge("computed", "Now.", registry=momentary))
    assert b"kept_total 1.0" in answer.body
    assert b"computed 0.0" in answer.body


def test_processes_that_share_a_folder_tell_their_sum(tmp_path):
    shared = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", COUNTS_ONCE], env=shared, capture_output=True, text=True, check=True, timeout=60
        ).stdout
    assert 'carelane_webhook_requests_total{outcome="received"} 2.0' in told
    assert "carelane_webhook_seconds_count 2.0" in told
