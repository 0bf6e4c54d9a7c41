"""Which port each listener gets: one set by hand or none; else last time's, the usual one, or the next that is free."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.own_address import reachable

# Above lies the range from which Linux hands out clients' own ports: a server there loses its port to a client.
_FIRST_EPHEMERAL = 32768


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`by_hand` is an order that is obeyed or fails; `kept` is what the last run had."""

    name: str
    usual: int
    host: str = "127.0.0.1"
    by_hand: int | None = None
    kept: int | None = None


def choose(wishes: Iterable[Wish], *, is_free: Callable[[str, int], bool]) -> tuple[dict[str, int], list[str]]:
    """A port for every wish, and what stands in the way of those set by hand."""
    ports: dict[str, int] = {}
    faults = []
    # Orders first, so that nothing takes by choice what another must have.
    for wish in sorted(wishes, key=lambda wish: wish.by_hand is None):
        candidates = [wish.by_hand] if wish.by_hand is not None else _candidates(wish)
        port = next((p for p in candidates if p not in ports.values() and is_free(wish.host, p)), None)
        if port is not None:
            ports[wish.name] = port
        elif wish.by_hand is not None:
            faults.append(f"{wish.name} is {wish.by_hand}, but that port of {wish.host} is taken or may not be used")
        else:
            faults.append(f"{wish.name}: no free port from {wish.usual} up on {wish.host}")
    return ports, faults


def _candidates(wish: Wish) -> list[int]:
    kept = [wish.kept] if wish.kept and wish.kept < _FIRST_EPHEMERAL else []
    return [*kept, *range(wish.usual, min(wish.usual + 500, _FIRST_EPHEMERAL))]


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except (OSError, UnicodeError):
        return False
    return not _answers(reachable(host), port)


def _answers(host: str, port: int) -> bool:
    """On macOS one address can be bound although a server listens on all of them; a call tells."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
