"""People's identities: JSON Web Tokens of Supabase Auth, by its shared secret (HS256) or its published keys (JWKS)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt

from ingress.api.principals import Principal, person
from ingress.api.problems import Problem
from shared.user_ids import is_user_id

# One list for each kind of key: a token must not choose to have a public key taken for a shared secret.
_BY_SECRET = ("HS256",)
_BY_PUBLISHED_KEY = ("RS256", "ES256", "EdDSA")
_REQUIRED = ["exp", "sub", "aud"]
_LONGEST = 8192


class PublishedKeys(Protocol):
    def find(self, key_id: str | None, *, wait_seconds: float) -> "jwt.PyJWK | None":
        """Raises TransientError when it cannot be known whether there is such a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """`issuer` None: whoever holds the keys is the issuer."""

    secret: str | None = field(default=None, repr=False)
    keys: PublishedKeys | None = None
    audience: str = "authenticated"
    issuer: str | None = None
    leeway_seconds: int = 30

    def read(self, token: str, *, wait_seconds: float) -> Principal:
        """Raises Problem for what is not valid, TransientError for what cannot be checked."""
        if len(token) > _LONGEST:
            raise Problem("INVALID_TOKEN")
        try:
            claims = self._claims(token, *self._key(token, wait_seconds))
        except jwt.ExpiredSignatureError:
            raise Problem("EXPIRED_TOKEN") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise Problem("FOREIGN_TOKEN") from None
        except (jwt.PyJWTError, ValueError):  # some faults of a token come from the libraries below as ValueError
            raise Problem("INVALID_TOKEN") from None
        return _principal(claims, self.leeway_seconds)

    def _key(self, token: str, wait_seconds: float) -> tuple[Any, tuple[str, ...]]:
        head = jwt.get_unverified_header(token)
        algorithm, key_id = head.get("alg"), head.get("kid")
        if algorithm in _BY_SECRET and self.secret is not None:
            return self.secret, _BY_SECRET
        if algorithm in _BY_PUBLISHED_KEY and self.keys is not None:
            found = self.keys.find(key_id, wait_seconds=wait_seconds)
            if found is not None and found.algorithm_name == algorithm:
                return found.key, (algorithm,)
        raise Problem("INVALID_TOKEN")

    def _claims(self, token: str, key: Any, algorithms: tuple[str, ...]) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=list(algorithms),
            audience=self.audience,
            issuer=self.issuer,
            leeway=self.leeway_seconds,
            options={"require": _REQUIRED},
        )


def _principal(claims: Mapping[str, Any], leeway_seconds: int) -> Principal:
    user_id = claims["sub"]
    if not isinstance(user_id, str) or not is_user_id(user_id):
        raise Problem("INVALID_TOKEN")
    own = claims.get("app_metadata")
    given = own if isinstance(own, Mapping) else {}
    several = given.get("roles")
    named = [given.get("role"), *(several if isinstance(several, list) else ())]
    roles = frozenset(role for role in named if isinstance(role, str))
    return person(user_id, roles, good_until=float(claims["exp"]) + leeway_seconds)
