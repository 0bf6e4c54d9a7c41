"""Logs are JSON lines wherever they are kept, and readable ones where a person looks on."""

import json
import os
import pty
import subprocess
import sys

PROGRAM = """
import structlog
from shared import telemetry
from shared.config import load
telemetry.configure("relay", load({}))
structlog.get_logger("x").warning("the broker is away", action="broker.away", count=3, email="ann@example.com")
"""


def said(stderr):
    return subprocess.run([sys.executable, "-c", PROGRAM], stderr=stderr, check=True, timeout=60).stderr


def test_a_line_is_json_with_a_stable_action_where_it_is_kept():
    told = json.loads(said(subprocess.PIPE))
    assert (told["action"], told["process"], told["level"], told["count"]) == ("broker.away", "relay", "warning", 3)
    assert "email" not in told


def test_a_line_is_readable_on_a_terminal_and_says_no_more():
    screen, terminal = pty.openpty()
    try:
        said(terminal)
        shown = os.read(screen, 4096).decode()
    finally:
        os.close(terminal)
        os.close(screen)
    assert "the broker is away" in shown
    assert "broker.away" in shown
    assert "{" not in shown
    assert "ann@example.com" not in shown
