"""Judges where a request came from, once its signature is known: what is authentic is never limited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from ingress import origin
from ingress.origin import Network, Peer
from ingress.webhook.flood import Flood
from ingress.webhook.metrics import Metrics
from ingress.webhook.sources import SourceList
from ingress.webhook.tally import Tally

Mode = Literal["off", "monitor", "enforce"]
# What is stale was signed once, and what is too large or compressed was never judged: these keep their own codes.
_LIMITED = {"MISSING_SIGNATURE", "INVALID_SIGNATURE", "SOURCE_NOT_ALLOWED"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`is_flood`: of a source that is beyond its allowance."""

    code: str
    is_flood: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Armour:
    """One for each process."""

    trusted: Sequence[Network] = ()
    flood: Flood = field(default_factory=lambda: Flood(0, clock=monotonic))
    sources: SourceList | None = None
    mode: Mode = "off"
    tally: Tally = field(default_factory=Tally)

    def refuse(self, peer: Peer, code: str, metrics: Metrics) -> Refusal:
        """How to refuse what was found wanting; it is noted under its source."""
        address = origin.source(peer, self.trusted)
        name = origin.named(address)
        is_flood = self.flood.is_limited_after(name)
        if not self._allows(address, metrics, signed=False):
            code = "SOURCE_NOT_ALLOWED"
        if is_flood and code in _LIMITED:
            code = "RATE_LIMITED"
        self.tally.note(code, name)
        return Refusal(code, is_flood)

    def admit(self, peer: Peer, metrics: Metrics) -> str | None:
        """Of a request that is signed: the code to refuse by, or None."""
        if self.sources is None:
            return None
        address = origin.source(peer, self.trusted)
        if self._allows(address, metrics, signed=True):
            return None
        self.tally.note("SOURCE_NOT_ALLOWED", origin.named(address))
        return "SOURCE_NOT_ALLOWED"

    def is_exempted(self, peer: Peer) -> bool:
        """Whether a signed request came from a source whose unsigned ones are being limited."""
        return self.flood.is_raging and self.flood.is_limited(origin.named(origin.source(peer, self.trusted)))

    def _allows(self, address: origin.Address | None, metrics: Metrics, *, signed: bool) -> bool:
        """A list that was never read forbids nobody: the signature is the guard, this is a second one."""
        if self.sources is None or self.mode == "off" or not self.sources.is_known or self.sources.allows(address):
            return True
        metrics.violation(signed=signed, mode=self.mode)
        return self.mode != "enforce"
