"""Many histories in one database, carried by two workers in overlapping messages: all end as their true order tells."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from shared.rules.kinds import RULES
from tests.factories import folded_histories, kept_histories
from tests.factories.event_histories import Told, told
from tests.factories.histories import FEWEST, HISTORIES, SEED, again
from tests.factories.kept_histories import ENDS

TOGETHER = 250
LONGEST_MESSAGE = 50
# How many histories' events are mixed with each other: so that a message holds several of one subject.
MIXED = 8
KNOWN = ((), ("transfer",), ("payout",), ("transfer", "payout"))
PAYOUTS = ("transfer", "payout", "owed_payout")
# Events of payouts are never carried together and take ten times as long: test_any_order.py has more of them.
KINDS = [*sorted(set(RULES) - set(PAYOUTS)) * 6, *PAYOUTS]
# Half a minute's worth; whoever asks for a number of histories has all of them.
MANY = FEWEST // 2 if HISTORIES == FEWEST else HISTORIES


@dataclass(frozen=True)
class Drawn:
    """One history, in two copies; its payout is registered `when` the shuffled one is carried."""

    number: int
    kind: str
    events: list[Told]
    known: tuple[str, ...]
    when: str

    def name(self, copy: str) -> str:
        return f"h{self.number}{copy}"

    @property
    def livemode(self) -> bool:
        return self.number % 2 == 0

    def copy(self, copy: str) -> list[dict[str, Any]]:
        return [one.event(self.name(copy)) | {"livemode": self.livemode} for one in self.events]


def drawn(number: int, kind: str) -> Drawn:
    random = Random(f"{SEED}:{kind}:{number}")
    when = random.choice(("before", "meanwhile", "after"))
    return Drawn(number, kind, told(kind, random), random.choice(KNOWN), when)


@pytest.fixture
def registers(pool):
    def register(histories, copy):
        for one in histories:
            if one.kind in PAYOUTS:
                kept_histories.register(pool, one.name(copy), one.known, livemode=one.livemode)

    return register


@pytest.fixture
def in_true_order(inbox, processor, conn, registers):
    """By one worker; no message holds two events of one history."""

    def carry(histories):
        registers(histories, "true")
        copies = [one.copy("true") for one in histories]
        rows = [
            kept_histories.keep(inbox, [one for one in nth if one is not None])
            for nth in itertools.zip_longest(*copies)
        ]
        for nth in rows:
            left = nth
            while left:
                outcomes = processor.carry(left)
                left = [row for row in left if outcomes[row] == "left"]
        kept_histories.drain(conn, processor, list(itertools.chain(*rows)))

    return carry


def messages(rows, random):
    """Each row in one of them at least, many in several."""
    left, made = list(rows), []
    while left:
        length = random.randint(1, LONGEST_MESSAGE)
        message, left = left[:length], left[length:]
        near = [*message, *left[:length]]
        again_ = [*message, *random.sample(near, random.randint(0, len(near) // 4))]
        made.append(list(dict.fromkeys(random.sample(again_, len(again_)))))
    return made


@pytest.fixture
def shuffled(inbox, processor, conn, registers):
    """By two workers at once, each with its own choice of the messages, while payouts are registered."""

    def carry(histories, random):
        def at(when):
            return [one for one in histories if one.when == when]

        registers(at("before"), "other")
        placed = [(one.number + random.random() * MIXED, event) for one in histories for event in one.copy("other")]
        rows = kept_histories.keep(inbox, [event for _, event in sorted(placed, key=lambda each: each[0])])
        order = messages(rows, random)
        hands = [
            [message for number, message in enumerate(order) if number % 2 == hand or random.random() < 0.3]
            for hand in range(2)
        ]
        with ThreadPoolExecutor(3) as threads:
            working = [threads.submit(lambda hand=hand: list(map(processor.carry, hand))) for hand in hands]
            working.append(threads.submit(registers, at("meanwhile"), "other"))
            for each in working:
                each.result()
        registers(at("after"), "other")
        kept_histories.drain(conn, processor, rows)

    return carry


def expected_of(one, found):
    """By the fold alone; of payouts, what one worker came to who met their events in true order."""
    name = one.name("true")
    return found[name] if one.kind in PAYOUTS else folded_histories.ends_of(name, one.copy("true"))


@pytest.mark.timeout(120 + MANY // 10)
def test_overlapping_messages_end_as_in_true_order(in_true_order, shuffled, conn):
    kinds, placed, conflicts = itertools.cycle(KINDS), 0, 0
    for begin in range(0, MANY, TOGETHER):
        histories = [drawn(number, next(kinds)) for number in range(begin, begin + TOGETHER)]
        before = kept_histories.last_of(conn)
        in_true_order([one for one in histories if one.kind in PAYOUTS])
        shuffled(histories, Random(f"{SEED}:{begin}"))
        found = kept_histories.ends(conn, before)
        for one in histories:
            expected, got = expected_of(one, found), found[one.name("other")]
            for part in ENDS:
                assert got[part] == expected[part], f"{part} of a {one.kind} differ: {again(one.number)}\n{one.events}"
            assert {event["state"] for event in expected["events"]} <= {"processed", "ignored"}
            placed += bool(expected["facts"])
            conflicts += any(fact["verdict"] == "conflict" for fact in expected["facts"])
    assert placed > MANY * 0.9, "too few were more than orphans"
    assert conflicts > MANY * 0.1, "too few held what is refused"
