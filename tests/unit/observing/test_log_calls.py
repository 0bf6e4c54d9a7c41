"""Each line that our code tells the log has an action that does not change, and says nothing that would be dropped."""

import ast
import re
from pathlib import Path

import pytest

from shared.scrubbing import ALLOWED

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
FILES = [
    path for package in ("ingress", "shared", "workers") for path in sorted((ROOT / package).rglob("*.py"))
]  # fmt: skip


def is_log(node):
    """`log`, `_log()`, `self._log` or `structlog.get_logger(…)`."""
    if isinstance(node, ast.Call):
        return is_log(node.func) or getattr(node.func, "attr", None) == "get_logger"
    return getattr(node, "id", getattr(node, "attr", "")) in {"log", "_log"}


def lines(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr in LEVELS and is_log(node.func.value):
            yield node


TOLD = [(path, node) for path in FILES for node in lines(path)]


def test_there_are_many():
    assert len(TOLD) > 50


@pytest.mark.parametrize(("path", "node"), TOLD, ids=lambda one: one.name if isinstance(one, Path) else one.lineno)
def test_a_line_has_an_action_and_says_what_may_be_said(path, node):
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    action = given["action"]
    if isinstance(action, ast.Constant):
        assert ACTION.fullmatch(action.value)
    assert set(given) <= ALLOWED | {"exc_info"}
