"""Folded stacks, as py-spy writes them, summed by function."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_STACK = re.compile(r"(.*) (\d+)")
_OURS = re.compile(r"\((ingress|schemas|shared|workers)/")
_LINE_NUMBER = re.compile(r":\d+\)$")


@dataclass(frozen=True, slots=True)
class Shares:
    """Samples by function: `own` while it ran itself, `whole` while it or something it called ran."""

    samples: int
    own: Counter[str]
    whole: Counter[str]


def shares(lines: Iterable[str]) -> Shares:
    """Each line is `outer;inner;innermost count`; a function that calls itself counts once a stack."""
    total, own, whole = 0, Counter[str](), Counter[str]()
    for line in lines:
        found = _STACK.fullmatch(line.strip())
        if not found:
            continue
        frames = [_LINE_NUMBER.sub(")", frame) for frame in found[1].split(";") if not frame.startswith("process ")]
        if not frames:  # a thread of the server's own, in no Python
            continue
        count = int(found[2])
        total += count
        own[frames[-1]] += count
        whole.update(dict.fromkeys(frames, count))
    return Shares(total, own, whole)


def table(found: Shares, *, most: int = 30) -> str:
    """The functions with the largest shares, one list by own time and one, of ours alone, by whole time, in percent."""
    ours = Counter({name: count for name, count in found.whole.items() if _OURS.search(name)})
    return "\n\n".join(
        f"{heading}\n" + "\n".join(f"{100 * count / found.samples:5.1f} %  {name}" for name, count in top)
        for heading, top in (("own time", found.own.most_common(most)), ("with what it calls", ours.most_common(most)))
    )
