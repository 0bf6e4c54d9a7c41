"""Alerts, dashboards and the document of figures speak of figures that exist; and each that exists is told there."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.observing.figures_told import families, names

ROOT = Path(__file__).parents[3]
RULES = sorted((ROOT / "deploy" / "prometheus" / "alerts").glob("*.yml"))
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
_ASKED = re.compile(r"(?<![\w:])(carelane_\w+)(?=[\s{\[)]|$)", re.MULTILINE)


@pytest.fixture(scope="module")
def told():
    return names()


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_an_alert_asks_for_what_is_told(path, told):
    asked = set(_ASKED.findall(path.read_text(encoding="utf-8")))
    assert asked
    assert asked <= told


def expressions(dashboard):
    panels = [inner for panel in dashboard["panels"] for inner in (panel, *panel.get("panels", []))]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_asks_for_what_is_told(path, told):
    asked = {name for expr in expressions(json.loads(path.read_text())) for name in _ASKED.findall(expr)}
    assert asked
    assert asked <= told


def test_every_figure_is_in_the_document_and_no_other():
    document = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(carelane_\w+)`", document)) == families()
