"""What is loaded of what other packages name, and what is left out with a word about why."""

import threading
import types
from importlib.metadata import EntryPoint

import pytest
from structlog.testing import capture_logs

from tests.fakes import extensions as fakes
from tests.fakes.extensions import handler_points, observer_points
from workers import extensions, handlers, observers


def refusals(load, points):
    """What is loaded, and the code and the type of what is not, by name."""
    with capture_logs() as logs:
        loaded = load(points)
    told = {line["name"]: (line["code"], line["type"]) for line in logs if line["action"] == "extension.refused"}
    return loaded, told


def test_a_handler_stands_under_each_of_its_types():
    table, refused = refusals(handlers.load, handler_points("mandates", "disputes"))
    assert refused == {}
    assert {taken: (one.name, one.object) for taken, one in table.items()} == {
        "mandate.updated": ("mandates", fakes.mandates),
        "charge.dispute.funds_withdrawn": ("disputes", fakes.disputes),
        "review.opened": ("disputes", fakes.disputes),
    }


def test_nobody_takes_over_a_type_of_ours():
    table, refused = refusals(handlers.load, handler_points("own", "disputes"))
    assert refused == {"own": ("own_type", "invoice.paid")}
    assert set(table) == set(fakes.disputes.types)


@pytest.mark.parametrize("names", [("mandates", "mandates_too"), ("mandates_too", "mandates")])
def test_of_two_handlers_for_one_type_neither_is_taken_whoever_comes_first(names):
    table, refused = refusals(handlers.load, handler_points(*names, "disputes"))
    assert refused == dict.fromkeys(names, ("disputed", "mandate.updated"))
    assert set(table) == set(fakes.disputes.types)


@pytest.mark.parametrize(
    "name",
    [
        "Handler",
        "untyped",
        "nothing",
        "number",
        "no_types",
        "types_in_a_tuple",
        "no_handle",
        "one_argument",
        "waits",
        "handler_points",
    ],
)
def test_a_misshapen_handler_is_left_out_and_the_rest_is_loaded(name):
    table, refused = refusals(handlers.load, handler_points(name, "mandates"))
    assert refused == {name: ("misshapen", None)}
    assert set(table) == {"mandate.updated"}


@pytest.mark.parametrize("name", ["Observer", "no_hook", "hook_without_observation", "only_a_word"])
def test_a_misshapen_observer_is_left_out(name):
    _, refused = refusals(observers.start, observer_points(name, "observer"))
    assert refused == {name: ("misshapen", None)}


@pytest.mark.parametrize("value", ["tests.fakes.absent", "tests.fakes.extensions:absent", "no such thing!"])
def test_what_does_not_load_is_left_out(value):
    broken = EntryPoint("broken", value, "carelane.handlers")
    table, refused = refusals(handlers.load, [broken, *handler_points("mandates")])
    assert refused == {"broken": ("broken", None)}
    assert set(table) == {"mandate.updated"}


def test_a_module_may_be_a_handler():
    module = types.ModuleType("handler")
    module.types, module.handle = frozenset({"mandate.updated"}), lambda conn, event: None
    assert handlers.judge(module) is None


def test_what_takes_too_long_is_left_out_and_what_comes_after_it_is_loaded():
    never = threading.Event()

    def judge(loaded):
        if loaded is fakes.mandates:
            never.wait()

    def load(points):
        return extensions.load("carelane.handlers", judge, found=points, limit_seconds=1.0)

    loaded, refused = refusals(load, handler_points("mandates", "disputes"))
    never.set()
    assert refused == {"mandates": ("slow", None)}
    assert [one.name for one in loaded] == ["disputes"]


def test_without_any_extension_there_is_nothing_to_load():
    assert handlers.load([]) == {}
