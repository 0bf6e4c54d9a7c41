"""What lies at the broker, as tests want to know it."""

from collections import Counter

from shared.broker import Doorbell


def waiting_by_lane(bell: Doorbell) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (lane, _urgency), length in bell.waiting().items():
        found[lane] += length
    return dict(found)
