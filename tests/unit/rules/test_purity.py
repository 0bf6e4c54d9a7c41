"""The rules import schemas, each other, and of the standard library what reads no clock and draws no lot."""

import ast
import sys
from pathlib import Path

import pytest

RULES = Path(__file__).parents[3] / "shared" / "rules"
IMPURE = {
    "asyncio",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
    "urllib",
    "uuid",
}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", sorted(RULES.glob("*.py")), ids=lambda path: path.name)
def test_a_rule_imports_nothing_that_could_surprise_it(path):
    for module in imported(path):
        top = module.split(".")[0]
        pure = top in sys.stdlib_module_names and top not in IMPURE
        assert pure or top == "schemas" or module.startswith("shared.rules"), module


@pytest.mark.parametrize("path", sorted(RULES.glob("*.py")), ids=lambda path: path.name)
def test_a_rule_never_asks_for_the_time(path):
    asked = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not asked & {"now", "utcnow", "today"}
