"""What a device holds, against what is so: the server's word is the truth, and the device is told why.

Carelane's entities are decided from what Stripe, clinicians and the application's backend have told. A device decides
none of them, so there is nothing to merge: where it holds something else it is wrong or late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Why = Literal["superseded", "never_given"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """`superseded`: a later state was told since; `never_given`: no such state was ever told to a device."""

    entity: str
    held: int
    why: Why


def conflicts(held: Mapping[str, int], latest: Mapping[str, int], *, newest: int) -> list[Conflict]:
    """`latest`: the version last told of each entity. A snapshot's version may lie above it, up to the `newest`."""
    found = []
    for entity, version in sorted(held.items()):
        if version > newest:
            found.append(Conflict(entity, version, "never_given"))
        elif version < latest.get(entity, 0):
            found.append(Conflict(entity, version, "superseded"))
    return found
