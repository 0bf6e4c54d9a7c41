"""How often Stripe is asked."""

from shared.stripe_api.bucket import Bucket


class Time:
    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


def bucket(time, *, per_second=10, burst=2):
    return Bucket(per_second, burst=burst, clock=lambda: time.now, sleep=time.sleep)


def test_a_burst_goes_at_once_and_the_next_ones_evenly():
    time = Time()
    one = bucket(time)
    for _ in range(5):
        one.take()
    assert time.slept == [0.1, 0.1, 0.1]


def test_it_fills_again_and_never_over_the_burst():
    time = Time()
    one = bucket(time)
    for _ in range(2):
        one.take()
    time.now += 60
    for _ in range(3):
        one.take()
    assert time.slept == [0.1]


def test_a_wish_of_stripes_holds_everybody_up():
    time = Time()
    one = bucket(time)
    one.pause(3)
    one.take()
    assert time.slept == [3.0]


def test_who_comes_while_others_wait_waits_behind_them():
    time = Time()
    waits = []
    one = Bucket(10, burst=1, clock=lambda: time.now, sleep=lambda seconds: waits.append(round(seconds, 3)))
    for _ in range(4):
        one.take()
    assert waits == [0.1, 0.2, 0.3]
