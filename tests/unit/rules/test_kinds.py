"""The list of kinds is whole, and the door's list of rules it must do without is too."""

import tomllib
from pathlib import Path

from schemas.catalog import EVENT_TYPES
from schemas.facts import KINDS
from shared.rules.kinds import RULES

ROOT = Path(__file__).parents[3]
AT_THE_DOOR = {"lanes", "guard"}


def test_every_kind_of_fact_has_rules_and_a_type_that_brings_it() -> None:
    assert set(KINDS) <= set(RULES)
    assert {known.kind for known in EVENT_TYPES.values()} == set(KINDS)


def test_every_type_stands_under_the_kind_that_its_schema_makes() -> None:
    assert {known.type: known.schema.fact.kind for known in EVENT_TYPES.values()} == {
        known.type: known.kind for known in EVENT_TYPES.values()
    }


def test_the_webhook_door_is_forbidden_every_rule_that_is_not_its_own() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    forbidden = next(one["forbidden_modules"] for one in contracts if one.get("source_modules") == ["ingress.webhook"])
    rules = {path.stem for path in (ROOT / "shared" / "rules").glob("*.py")} - {"__init__"} - AT_THE_DOOR
    assert {name for name in forbidden if name.startswith("shared.rules.")} == {f"shared.rules.{one}" for one in rules}
