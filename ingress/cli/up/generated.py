"""What `up` makes up when nobody gave it: the development secret, sealing keys, passwords; made once and kept."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingress.cli.up import roles
from ingress.cli.up.home import format_pairs, read_pairs, write_private
from shared.anchors import new_signing_key, verify_key_of
from shared.crypto import new_private_key, public_key_of
from shared.setting_values import key_or_file

_KEPT = (
    "CARELANE_LOOKUP_KEY", "CARELANE_CALLBACK_KEY", "CARELANE_FLOWER_PASSWORD", "CARELANE_UNSEAL_PRIVATE_KEY",
    "CARELANE_SEAL_PUBLIC_KEY", "CARELANE_AUDIT_SIGNING_KEY",
)  # fmt: skip
_SECRETS, _PRIVATE, _PUBLIC = "STRIPE_WEBHOOK_SECRETS", "CARELANE_UNSEAL_PRIVATE_KEY", "CARELANE_SEAL_PUBLIC_KEY"
_SIGNING, _CHECKING = "CARELANE_AUDIT_SIGNING_KEY", "CARELANE_AUDIT_VERIFY_KEY"
_DEVELOPMENT = "development=whsec_"


@dataclass(frozen=True, slots=True)
class Generated:
    """Settings added to those given, and what to tell the person about them."""

    values: dict[str, str] = field(repr=False)
    notes: list[str]
    faults: list[str]


def fill_in(given: Mapping[str, str], kept: Mapping[str, str]) -> Generated:
    """Settings nobody gave: as they were in the last run's file (`kept`), else new ones."""
    made = Generated({}, [], [])
    _webhook_secret(given, kept, made)
    earlier = {name: kept[name] for name in _KEPT if kept.get(name)}
    _sealing_keys(given, earlier, made)
    _anchoring_keys(given, earlier, made)
    for name, value in (
        ("CARELANE_LOOKUP_KEY", base64.b64encode(secrets.token_bytes(32)).decode()),
        ("CARELANE_CALLBACK_KEY", base64.b64encode(secrets.token_bytes(32)).decode()),
        ("CARELANE_FLOWER_PASSWORD", secrets.token_hex(12)),
    ):
        if not _is_given(given, name):
            made.values[name] = earlier.get(name, value)
    return made


def _webhook_secret(given: Mapping[str, str], kept: Mapping[str, str], made: Generated) -> None:
    if _SECRETS in given:  # even when blank: the settings refuse an empty secret
        return
    # A secret that was set by hand and is set no longer was withdrawn; only our own comes back.
    earlier = kept.get(_SECRETS, "")
    made.values[_SECRETS] = earlier if earlier.startswith(_DEVELOPMENT) else f"{_DEVELOPMENT}{secrets.token_hex(16)}"
    made.notes.append(
        "No STRIPE_WEBHOOK_SECRETS is set: a development secret was made. Set Stripe's own before real events come."
    )


def _sealing_keys(given: Mapping[str, str], earlier: Mapping[str, str], made: Generated) -> None:
    private = given.get(_PRIVATE, "").strip() or None
    public = given.get(_PUBLIC, "").strip() or None
    if private is None and public is not None:
        if earlier.get(_PUBLIC) == public and _PRIVATE in earlier:
            made.values[_PRIVATE] = earlier[_PRIVATE]
        else:
            made.faults.append(f"{_PUBLIC} is set but {_PRIVATE} is not: what is sealed could never be read")
        return
    if private is None:
        private = earlier.get(_PRIVATE) or base64.b64encode(new_private_key()).decode()
        made.values[_PRIVATE] = private
        if given.get("DATABASE_URL", "").strip() and _PRIVATE not in earlier:
            made.notes.append(
                f"No {_PRIVATE} is set: a key pair was made. Keep it with the database; without it nothing opens."
            )
    derived = _public_key(private)
    if derived is None:
        return  # the settings say what is wrong with it
    if public is None:
        made.values[_PUBLIC] = derived
    elif public != derived:
        made.faults.append(f"{_PUBLIC} does not belong to {_PRIVATE}")


def _anchoring_keys(given: Mapping[str, str], earlier: Mapping[str, str], made: Generated) -> None:
    """None is made for a public key that somebody else's private one belongs to: then somebody else anchors."""
    if _is_given(given, _CHECKING) and not _is_given(given, _SIGNING):
        return
    signing = given.get(_SIGNING, "").strip() or earlier.get(_SIGNING)
    if signing is None:
        signing = base64.b64encode(new_signing_key()).decode()
    if not _is_given(given, _SIGNING):
        made.values[_SIGNING] = signing
    if not _is_given(given, _CHECKING) and (derived := _verify_key(signing)) is not None:
        made.values[_CHECKING] = derived


def _verify_key(signing: str) -> str | None:
    try:
        return base64.b64encode(verify_key_of(key_or_file(signing))).decode()
    except ValueError:
        return None  # the settings say what is wrong with it


def _public_key(private: str) -> str | None:
    try:
        return base64.b64encode(public_key_of(base64.b64decode(private, validate=True))).decode()
    except ValueError:
        return None


def _is_given(given: Mapping[str, str], name: str) -> bool:
    return bool(given.get(name, "").strip())


def service_passwords(home: Path) -> dict[str, str]:
    """Passwords of the embedded services; kept apart, since DATABASE_URL may point elsewhere for a while."""
    path = home / "passwords"
    known = read_pairs(path)
    names = ("POSTGRES_ADMIN", "POSTGRES", "VALKEY", *roles.PASSWORDS)
    passwords = {name: known.get(name) or secrets.token_hex(24) for name in names}
    if passwords != known:
        write_private(path, format_pairs(passwords))
    return passwords
