"""Groups form of what waits; nobody pays for another, and everybody is told."""

import threading
from queue import SimpleQueue

import pytest

from ingress.webhook.committer import Committer, Waiting
from shared.arrivals import Kept
from shared.errors import CannotKeep
from shared.rules.lanes import ACCESS_CRITICAL, Placement
from tests.factories.arrivals import arrival, subscription_event
from tests.fakes.inbox import FakeInbox

LONG_SECONDS = 30
URGENT = Placement("crisis", ACCESS_CRITICAL, "access-critical")


class GatedInbox(FakeInbox):
    """Notes each group; the first waits until the gate is opened."""

    def __init__(self):
        super().__init__()
        self.groups, self.inside, self.gate = [], threading.Event(), threading.Event()

    def keep_many(self, arrivals, *, nudged):
        self.groups.append([one.event_id for one in arrivals])
        self.inside.set()
        assert self.gate.wait(LONG_SECONDS)
        if any(one.event_id == "evt_fault" for one in arrivals):
            raise RuntimeError("a fault of ours")
        return super().keep_many(arrivals, nudged=nudged)


class NotingBell:
    def __init__(self, inbox):
        self.inbox, self.rung = inbox, []

    def expects_to_ring(self, urgency):
        return True

    def ring_for(self, kept):
        self.rung.append([(one.row_id, expected) for one, expected in kept])


class Scene:
    def __init__(self, **bounds):
        self.inbox = GatedInbox()
        self.bell = NotingBell(self.inbox)
        self.committer = Committer(self.inbox, self.bell, **bounds)
        self.told = SimpleQueue()

    def submit(self, *names):
        for name in names:
            placed = {"placement": URGENT} if name.startswith("urgent") else {}
            one = arrival(subscription_event(id=f"evt_{name}"), **placed)
            self.committer.submit([Waiting(one, lambda outcome, name=name: self.told.put((name, outcome)))])

    def behind_the_first(self, *names):
        """Submit one, and the others while it is being kept; all that was told, by name in the order of telling."""
        self.submit("first")
        assert self.inbox.inside.wait(LONG_SECONDS)
        self.submit(*names)
        self.inbox.gate.set()
        return [self.told.get(timeout=LONG_SECONDS) for _ in range(len(names) + 1)]


@pytest.fixture
def scene():
    made = Scene()
    yield made
    made.inbox.gate.set()
    made.committer.close()


def test_what_gathers_meanwhile_is_kept_together(scene):
    told = scene.behind_the_first("a", "b", "c")
    assert scene.inbox.groups == [["evt_first"], ["evt_a", "evt_b", "evt_c"]]
    assert [name for name, _ in told] == ["first", "a", "b", "c"]
    assert all(isinstance(outcome, Kept) for _, outcome in told)


def test_a_twin_waits_for_the_next_group_and_is_a_duplicate(scene):
    told = scene.behind_the_first("a", "b", "a", "a")
    assert scene.inbox.groups[1:] == [["evt_a", "evt_b"], ["evt_a"], ["evt_a"]]
    assert [(name, outcome.duplicate) for name, outcome in told[1:]] == [
        ("a", False),
        ("b", False),
        ("a", True),
        ("a", True),
    ]


def test_a_group_has_a_bound():
    scene = Scene(most_at_once=2)
    scene.behind_the_first("a", "b", "c")
    assert scene.inbox.groups == [["evt_first"], ["evt_a", "evt_b"], ["evt_c"]]
    scene.committer.close()


def test_more_than_may_wait_are_refused_at_once():
    scene = Scene(most_waiting=2)
    scene.submit("first")
    assert scene.inbox.inside.wait(LONG_SECONDS)
    scene.submit("a", "b")
    scene.submit("c")
    name, refused = scene.told.get(timeout=LONG_SECONDS)
    assert (name, refused.code) == ("c", "door_full")
    scene.inbox.gate.set()
    scene.committer.close()
    assert scene.inbox.groups == [["evt_first"], ["evt_a", "evt_b"]]


def test_a_fault_costs_only_the_event_that_has_it(scene):
    told = dict(scene.behind_the_first("a", "fault", "b"))
    assert {name for name, outcome in told.items() if isinstance(outcome, Kept)} == {"first", "a", "b"}
    assert isinstance(told["fault"], CannotKeep)


def test_the_bell_is_rung_before_anybody_is_told(scene):
    rung_when_told = []
    one = arrival(subscription_event(id="evt_x"))
    scene.inbox.gate.set()
    scene.committer.submit([Waiting(one, lambda _: rung_when_told.append(list(scene.bell.rung)))])
    scene.committer.close()
    assert rung_when_told == [[[(1, True)]]]


def test_closing_keeps_what_waits_and_takes_nothing_more(scene):
    scene.submit("first")
    assert scene.inbox.inside.wait(LONG_SECONDS)
    scene.submit("a")
    closing = threading.Thread(target=scene.committer.close)
    closing.start()
    scene.inbox.gate.set()
    closing.join(LONG_SECONDS)
    assert [scene.told.get(timeout=LONG_SECONDS)[0] for _ in range(2)] == ["first", "a"]
    scene.submit("late")
    assert scene.told.get(timeout=LONG_SECONDS)[1].code == "door_full"


def test_what_is_urgent_goes_into_the_next_group():
    scene = Scene(most_at_once=2)
    scene.behind_the_first("a", "b", "c", "urgent_1", "urgent_2", "urgent_3")
    scene.committer.close()
    named = [[one.removeprefix("evt_") for one in group] for group in scene.inbox.groups]
    assert named == [["first"], ["urgent_1", "urgent_2"], ["urgent_3", "a"], ["b", "c"]]
