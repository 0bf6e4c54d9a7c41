"""Who may do what."""

import pytest

from ingress.api.principals import Principal, person
from ingress.api.problems import Problem

SERVICE = Principal(name="backend", scopes=frozenset({"access"}))


def code_of(act):
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_a_service_may_what_its_scopes_say_about_anybody():
    SERVICE.require("access")
    SERVICE.require_own("anybody", scope="access")
    assert code_of(lambda: SERVICE.require("crisis")) == "MISSING_SCOPE"
    assert code_of(lambda: SERVICE.require_own("anybody", scope="crisis")) == "MISSING_SCOPE"


def test_a_person_may_what_is_about_themself():
    own = person("p", frozenset())
    own.require_own("p", scope="access")
    assert code_of(lambda: own.require_own("q", scope="access")) == "NOT_YOURS"
    assert code_of(lambda: own.require("crisis")) == "MISSING_SCOPE"


def test_a_service_that_is_named_like_a_person_is_not_that_person():
    named = Principal(name="p", scopes=frozenset())
    assert not named.is_person("p")
    assert code_of(lambda: named.require_own("p", scope="access")) == "MISSING_SCOPE"


def test_a_clinician_may_act_for_others_in_a_crisis_and_in_nothing_else():
    clinician = person("c", frozenset({"clinician", "unheard"}))
    clinician.require_own("p", scope="crisis")
    assert clinician.roles == {"clinician"}
    assert code_of(lambda: clinician.require_own("p", scope="access")) == "NOT_YOURS"
