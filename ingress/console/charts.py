"""Small charts as rectangles of an SVG: attributes alone, for the policy lets no style stand in line."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 80.0
_GAP = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`line`: how high a limit lies, where there is one to be shown."""

    bars: Sequence[Bar]
    top: float
    line: float | None = None


def stacked(pairs: Sequence[tuple[float, float]]) -> Chart:
    """Of each pair the first stands below, the second above it."""
    top = max((below + above for below, above in pairs), default=0) or 1
    bars: list[Bar] = []
    for place, (below, above) in enumerate(pairs):
        x, width = _slot(place, len(pairs))
        low, high = _height(below, top), _height(above, top)
        bars += [Bar(x, HEIGHT - low, width, low), Bar(x, HEIGHT - low - high, width, high, "other")]
    return Chart([bar for bar in bars if bar.height > 0], top)


def against(values: Sequence[float], limit: float, *, places: int) -> Chart:
    """Each beside a limit, which lies two thirds up; what is far beyond it ends at the top."""
    top = limit * 1.5
    bars = []
    for place, value in enumerate(values):
        x, width = _slot(place, places)
        height = max(_height(min(value, top), top), 1.5)
        bars.append(Bar(x, HEIGHT - height, width, height, "late" if value > limit else ""))
    return Chart(bars, top, HEIGHT - _height(limit, top))


def _slot(place: int, places: int) -> tuple[float, float]:
    each = WIDTH / max(places, 1)
    return round(place * each, 1), round(each - _GAP, 1)


def _height(value: float, top: float) -> float:
    return round(HEIGHT * value / top, 1)
