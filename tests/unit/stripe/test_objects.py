"""Every kind of subject can be asked for, and every type that a thin event may have leads to one."""

from ingress.cli.simulator.world import PLURALS
from schemas import catalog
from shared.rules.kinds import RULES
from shared.stripe_objects import _PATHS
from shared.thin_types import THIN


def test_each_kind_of_subject_has_a_place_at_stripe():
    assert set(_PATHS) == set(RULES) - {"owed_payout"} == set(PLURALS)


def test_each_type_that_is_acted_on_may_come_thin():
    assert {type_ for type_ in THIN if type_.startswith("v1.")} == {f"v1.{type_}" for type_ in catalog.EVENT_TYPES}
    assert set(THIN.values()) <= set(RULES)
