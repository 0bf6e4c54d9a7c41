"""What a list of latencies says: nearest-rank percentiles, in milliseconds."""

import math
from collections.abc import Sequence

from bench.rounds import Sample

_SHARES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least this share of them does not exceed. Raises ValueError when there are none."""
    if not values:
        raise ValueError("no values to tell a percentile of")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summary(seconds: Sequence[float], *, prefix: str = "") -> Sample:
    return {f"{prefix}{name}": percentile(seconds, share) * 1000 for name, share in _SHARES.items()}


def curve(seconds: Sequence[float], points: int = 200) -> list[tuple[float, float]]:
    """(share, milliseconds) for a plot; the last one is the longest."""
    return [(point / points, percentile(seconds, point / points) * 1000) for point in range(1, points + 1)]
