"""Notices owed for thousands of histories, in both modes and on two accounts at once, with deliveries in between."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from random import Random

import pytest

from shared.rules.history import Placed
from shared.rules.owing import PAYOUT_CRITICAL, PAYOUT_MOVED
from shared.rules.payout_links import OwedPayout, Registered
from shared.rules.telling import SUPERSEDED, Changes, Notice, Written, changes
from tests.factories.histories import FEWEST, HISTORIES, SEED, again, history
from tests.factories.notice_tables import ALARMS, STEPS, Followed, Table

PLACES = list(itertools.product((True, False), ("acct_1", "acct_2")))
ROUNDS = math.ceil(HISTORIES / len(STEPS) / len(PLACES))


def subjects(kind: str, random: Random) -> list[Followed]:
    """One of the same id in each mode and on each account."""
    made = []
    for livemode, account in PLACES:
        owed = OwedPayout(
            payout_id="one",
            account=account,
            livemode=livemode,
            amount_minor=random.choice((0, 1, 2)),
            currency=random.choice(("one", "two")),
        )
        made.append(Followed(kind, "one", Registered(owed, "creator-1")))
    return made


def interleaved(histories: Sequence[Sequence[Placed]], random: Random) -> Iterator[tuple[int, Placed]]:
    numbers = [number for number, facts in enumerate(histories) for _ in facts]
    left = [iter(facts) for facts in histories]
    for number in random.sample(numbers, len(numbers)):
        yield number, next(left[number])


def carried(
    histories: Sequence[Sequence[Placed]], kind: str, seed: str, *, delivers: bool
) -> tuple[Table, list[Followed]]:
    table, followed, chance = Table(), subjects(kind, Random(seed)), Random(f"{seed}:{delivers}")
    shuffled = [chance.sample(facts, len(facts)) for facts in histories]
    for number, one in interleaved(shuffled, chance):
        followed[number].take(one, table)
        if delivers and chance.random() < 0.3:
            table.deliver(chance)
    return table, followed


def in_true_order(histories: Sequence[Sequence[Placed]], kind: str, seed: str) -> Table:
    table, followed = Table(), subjects(kind, Random(seed))
    for subject, facts in zip(followed, histories, strict=True):
        for one in sorted(facts, key=lambda one: one.occurred_at):
            subject.take(one, table)
    return table


def told(rows: Iterable[Written]) -> list[tuple[str, str, str, str]]:
    return sorted((one.cause, one.kind, one.recipient, str(sorted(one.data.items()))) for one in rows)


def check_last_word(rows: Sequence[Written], wanted: Sequence[Notice]) -> None:
    """What holds is owed, or was the last that went out; nothing else is owed; nothing was told twice running."""
    holding = [one for one in rows if not one.is_superseded]
    now = [one for one in wanted if not one.is_superseded]
    for one in rows:
        assert one.is_out or any(one.tells(right.key) and one.data == right.data for right in wanted), "what never was"
    if now and not (now[-1].is_start and not holding):
        assert holding, "the last word was not told"
        assert holding[-1].tells(now[-1].key), "another last word"
    for before, after in itertools.pairwise(holding):
        assert before.cause.partition(" again ")[0] != after.cause.partition(" again ")[0], "the same told twice"


def check_steps(rows: Sequence[Written], wanted: Sequence[Notice]) -> None:
    for step in wanted:
        assert step.is_start or any(one.tells(step.key) for one in rows), "a step that nobody is told"
    for one in rows:
        earlier = [other for other in rows if other.id < one.id]
        key = one.cause.partition(" again ")[0]
        assert not one.is_superseded or not any(other.tells(key) and other.is_out for other in earlier), (
            "old news twice"
        )
    owed = [next(place for place, step in enumerate(wanted) if one.tells(step.key)) for one in rows if not one.is_out]
    assert owed == sorted(owed), "steps that go out in another order than they were taken"


def recipients(rows: Iterable[Written]) -> Iterator[tuple[tuple[str, str], list[Written]]]:
    def group(one: Written) -> tuple[str, str]:
        return one.kind, one.recipient

    for key, found in groupby(sorted(rows, key=group), group):
        yield key, sorted(found, key=lambda one: one.id)


@pytest.mark.timeout(120 + ROUNDS)
@pytest.mark.parametrize("kind", sorted(STEPS))
def test_what_is_owed_follows_from_the_histories_alone_in_every_mode_and_account(kind: str) -> None:
    for number in range(ROUNDS):
        seed = f"{SEED}:{kind}:{number}"
        random = Random(seed)
        histories = [history(kind, random) for _ in PLACES]
        table, followed = carried(histories, kind, seed, delivers=False)
        assert told(table.rows) == told(in_true_order(histories, kind, seed).rows), again(number)
        table, followed = carried(histories, kind, seed, delivers=True)
        for subject in followed:
            steps, alarms = subject.wanted()
            for wanted, kinds in ((steps, [STEPS[kind]]), (alarms, ALARMS)):
                for (of_kind, recipient), rows in recipients(table.about(subject.name, kinds)):
                    its = [one for one in wanted if (one.kind, one.recipient) == (of_kind, recipient)]
                    check_last_word(rows, its)
                    if wanted is steps:
                        check_steps(rows, its)


def test_as_many_histories_are_told_as_was_promised() -> None:
    assert ROUNDS * len(PLACES) * len(STEPS) >= HISTORIES >= FEWEST


def step(key: str, *, superseded: bool = False) -> Notice:
    return Notice(key=key, kind=PAYOUT_MOVED, recipient="creator:1", data={"to": key, SUPERSEDED: superseded})


def written(id_: int, notice: Notice, *, is_out: bool, cause: str | None = None) -> Written:
    parts = {"kind": notice.kind, "recipient": notice.recipient, "data": notice.data}
    return Written(id=id_, cause=cause or notice.key, is_out=is_out, **parts)


def test_what_stands_already_is_left_alone() -> None:
    assert changes([step("a")], [written(1, step("a"), is_out=False)], is_whole=True) == Changes()
    assert changes([step("a")], [written(1, step("a"), is_out=True)], is_whole=True) == Changes()


def test_a_step_that_follows_marks_the_one_before_as_superseded() -> None:
    made = changes([step("b")], [written(1, step("a"), is_out=False)], is_whole=False)
    assert made.amended == [(1, {"to": "a", SUPERSEDED: True})]
    assert made.added == [("b", step("b"))]


def test_a_step_that_is_out_is_not_taken_back_and_one_that_is_not_is() -> None:
    out, owed = written(1, step("a"), is_out=True), written(2, step("b"), is_out=False)
    assert changes([step("c")], [out, owed], is_whole=True).withdrawn == [2]


def test_what_holds_is_told_again_when_something_else_was_told_since() -> None:
    stands = [written(1, step("a"), is_out=True), written(2, step("b"), is_out=True)]
    made = changes([step("a")], stands, is_whole=True)
    assert made.added == [("a again 1", step("a"))]
    stands.append(written(3, step("a"), is_out=False, cause="a again 1"))
    assert changes([step("a")], stands, is_whole=True) == Changes()
    assert changes([step("c")], stands, is_whole=False).withdrawn == [3]


def test_a_step_found_late_goes_out_before_those_that_follow_it() -> None:
    stands = [written(1, step("b"), is_out=False)]
    made = changes([step("a", superseded=True), step("b")], stands, is_whole=True)
    assert made.withdrawn == [1]
    assert [cause for cause, _ in made.added] == ["a", "b"]
    assert made.fresh == [step("a", superseded=True)]


def test_steps_that_change_places_go_out_in_their_new_order() -> None:
    stands = [written(1, step("b", superseded=True), is_out=False), written(2, step("a"), is_out=False)]
    made = changes([step("a", superseded=True), step("b")], stands, is_whole=True)
    assert (made.withdrawn, [cause for cause, _ in made.added], made.fresh) == ([1], ["b"], [])


def test_an_alarm_of_other_figures_is_told_after_the_first_was_delivered() -> None:
    first, second = (Notice(key=f"back:{sum_}", kind=PAYOUT_CRITICAL, recipient="staff", data={}) for sum_ in (1, 3))
    made = changes([second], [written(1, first, is_out=True)], is_whole=True)
    assert made.fresh == [second]
    assert changes([], [written(1, first, is_out=True)], is_whole=True) == Changes()
