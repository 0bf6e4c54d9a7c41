"""What stands outside in the test of the marks: a Stripe that tells marks, a receiver of callbacks, one who listens."""

import contextlib
import time

from ingress.cli.simulator import server
from ingress.cli.simulator.faults import Faults
from ingress.cli.simulator.world import World
from tests.acceptance.marks import MARK, marked, marked_event
from tests.factories.events import event
from tests.fakes.receiver import OK, Receiver, status
from tests.sse import Listener

MISSED, DRIFTED = "sub_missed", "sub_drifted"


class Outside:
    """`stripe` answers as it should, and once with an error; `receiver` takes each callback at its second try."""

    def __init__(self, stripe, receiver):
        self.stripe = stripe
        self.receiver = receiver
        self.listener = None

    def settings(self):
        return {
            "STRIPE_API_KEY": "sk_test_marks",
            "STRIPE_API_BASE": self.stripe.url,
            "CARELANE_CALLBACK_NETWORKS": "127.0.0.0/8",
        }

    def let_something_be_missed(self):
        """An event that Stripe lists and never delivered, and one that no schema can read."""
        subscription = _subscription(MISSED)
        self.stripe.world.tell("customer.subscription.created", subscription)
        self.stripe.world.tell("customer.subscription.updated", subscription | {"status": {"x": MARK}})
        self.stripe.world.put(subscription)

    def let_something_drift(self):
        """A subscription that was delivered, and of which Stripe shows something else."""
        self.stripe.world.put(_subscription(DRIFTED) | {"status": "past_due"})

    def listen(self, carelane, token):
        self.listener = Listener(int(carelane.settings()["CARELANE_STREAM_PORT"]), token)

    def heard(self):
        return [data for _, data in self.listener.heard]


def delivered():
    """The event of the subscription that will drift."""
    found = marked_event("basil/customer.subscription.created")
    found["data"]["object"] |= {"id": DRIFTED, "customer": "cus_drifted"}
    return found


def _subscription(id_):
    thing = event("basil/customer.subscription.created")["data"]["object"]
    return marked(thing) | {"id": id_, "customer": f"cus_of_{id_}", "created": int(time.time()) - 60}


@contextlib.contextmanager
def outside():
    receiver = Receiver()
    receiver.behave(status(500, f"X-Mark: {MARK}"), OK)
    with server.running(World(clock=time.time), Faults(script=["error"])) as stripe:
        found = Outside(stripe, receiver)
        yield found
        if found.listener is not None:
            found.listener.stop()
    receiver.close()
