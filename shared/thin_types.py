"""Types of thin events and what they are about: `v1.` and the type of their snapshot, or one of Accounts v2 alone."""

from schemas import catalog

_OF_SNAPSHOTS = {f"v1.{type_}": known.kind for type_, known in catalog.EVENT_TYPES.items()}
# Stripe's reference, "Event types" of the v2 API: they come instead of account.updated.
_OF_ACCOUNTS = dict.fromkeys(
    (
        "v2.core.account.updated",
        "v2.core.account[configuration.merchant].capability_status_updated",
        "v2.core.account[configuration.merchant].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
        "v2.core.account[configuration.recipient].updated",
        "v2.core.account[identity].updated",
        "v2.core.account[requirements].updated",
    ),
    "account",
)

# By type, the kind of subject.
THIN = {**_OF_SNAPSHOTS, **_OF_ACCOUNTS}
