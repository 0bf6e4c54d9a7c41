"""Handlers and observers of every shape, good and bad, and entry points that name them."""

from importlib.metadata import EntryPoint

from shared.extensions import HANDLERS, OBSERVERS


class Handler:
    """Takes one type and does what it is told to, with the connection and the event."""

    def __init__(self, *types, act=lambda conn, event: None):
        self.types = frozenset(types)
        self.act = act

    def handle(self, conn, event):
        self.act(conn, event)


class Observer:
    def on_error(self, seen):
        pass


class NoTypes:
    def handle(self, conn, event):
        pass


class TypesInATuple(NoTypes):
    types = ("mandate.updated",)


class NoHandle:
    types = frozenset({"mandate.updated"})


class OneArgument(NoHandle):
    def handle(self, event):
        pass


class Waits(NoHandle):
    async def handle(self, conn, event):
        pass


class NoHook:
    def on_event(self, seen):
        pass


class HookWithoutObservation(Observer):
    def on_event_received(self):
        pass


class OnlyAWord:
    on_error = "error"


mandates, disputes = Handler("mandate.updated"), Handler("charge.dispute.funds_withdrawn", "review.opened")
mandates_too = Handler("mandate.updated", "review.closed")
own = Handler("mandate.updated", "invoice.paid")
untyped, nothing, number = Handler(), Handler(""), Handler(7)
no_types, types_in_a_tuple, no_handle, one_argument, waits = (
    NoTypes(),
    TypesInATuple(),
    NoHandle(),
    OneArgument(),
    Waits(),
)
observer, no_hook, hook_without_observation, only_a_word = Observer(), NoHook(), HookWithoutObservation(), OnlyAWord()


def handler_points(*names):
    return [EntryPoint(name, f"tests.fakes.extensions:{name}", HANDLERS) for name in names]


def observer_points(*names):
    return [EntryPoint(name, f"tests.fakes.extensions:{name}", OBSERVERS) for name in names]
