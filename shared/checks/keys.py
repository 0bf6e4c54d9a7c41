"""The key pair that bodies are sealed with, as far as it is set here."""

from collections.abc import Iterator

from shared.checks.finding import Finding, fault, ok
from shared.config import Settings
from shared.crypto import public_key_of


def look(settings: Settings) -> Iterator[Finding]:
    private, public = settings.unseal_private_key, settings.seal_public_key
    if private is None or public is None:
        yield ok("keys", "Not both keys are set here, so there is nothing to compare.")
    elif public_key_of(private) != public:
        yield fault(
            "keys",
            "CARELANE_SEAL_PUBLIC_KEY does not belong to CARELANE_UNSEAL_PRIVATE_KEY: what is sealed cannot be opened.",
            "Correct the public key. What was sealed for the wrong one opens only with that one's private key.",
        )
    else:
        yield ok("keys", "They belong together.")
