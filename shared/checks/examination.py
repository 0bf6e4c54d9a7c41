"""Runs groups of checks side by side, each within its time, so that a frozen server hides no other's trouble."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from shared.checks.finding import Finding, fault

Group = Callable[[], Iterable[Finding]]


def examine(groups: Mapping[str, Group], *, timeout_seconds: float) -> list[Finding]:
    """All findings, in the order of the groups; a group that fails or does not end in time is a finding itself."""
    found: dict[str, list[Finding]] = {name: [] for name in groups}
    # Daemons, since a look-up of a name has no time-out: what still waits then must not keep the command alive.
    threads = {
        name: threading.Thread(target=_look, args=(name, group, found[name]), daemon=True)
        for name, group in groups.items()
    }
    for thread in threads.values():
        thread.start()
    deadline = time.monotonic() + timeout_seconds
    for name, thread in threads.items():
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            found[name] = [*found[name], _did_not_end(name, timeout_seconds)]
    return [finding for group in found.values() for finding in group]


def _look(name: str, group: Group, found: list[Finding]) -> None:
    try:
        for finding in group():
            found.append(finding)  # noqa: PERF402 - one by one, so that what was found before it hangs is told
    except Exception as error:  # noqa: BLE001 - whatever is broken here must not hide what the others found
        found.append(
            fault(name, f"This could not be looked at: {type(error).__name__}", "Report this: a check itself failed.")
        )


def _did_not_end(name: str, timeout_seconds: float) -> Finding:
    return fault(
        name,
        f"This did not answer within {timeout_seconds:g} s.",
        "It accepts connections but hangs: look at its log, its disk and the network, then restart it.",
    )
