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
_UNAUTHENTIC = {"MISSING_SIGNATURE", "INVALID_SIGNATURE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Armour:
    """One for each process."""

    trusted: Sequence[Network] = ()
    flood: Flood = field(default_factory=lambda: Flood(0, clock=monotonic))
    sources: SourceList | None = None
    mode: Mode = "off"
    tally: Tally = field(default_factory=Tally)

    def refuse(self, peer: Peer, code: str, metrics: Metrics) -> str:
        """The code to refuse by; the refusal is noted under its source."""
        address = origin.source(peer, self.trusted)
        name = origin.named(address)
        if code in _UNAUTHENTIC and self.flood.is_limited_after(name):
            code = "RATE_LIMITED"
        if not self._allows(address, metrics, signed=False):
            code = "SOURCE_NOT_ALLOWED"
        self.tally.note(code, name)
        return code

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
