"""How the streams that can be served in one turn are shared: a fifth of them is nobody's but people in crisis."""

from typing import NamedTuple

RESERVED_PERCENT = 20


class Share(NamedTuple):
    urgent: int
    others: int


def share(*, urgent: int, others: int, capacity: int) -> Share:
    """Of so many that wait. Urgent ones may take all; others never the reserve, even while it lies idle.

    The reserve is at least one, so that no capacity is so small that a crisis waits behind it.
    """
    reserve = max(1, -(-capacity * RESERVED_PERCENT // 100))
    served = min(urgent, capacity)
    return Share(served, max(0, min(others, capacity - max(served, reserve))))
