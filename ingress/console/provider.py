"""An OpenID provider: where to send a person, and whom it then vouches for (authorization code with PKCE)."""

import hmac
import time
import urllib.request
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode

import jwt
import orjson

from ingress.api.published_keys import PublishedKeys
from shared.crypto import lookup_hash
from shared.errors import TransientError

_TIMEOUT_SECONDS = 3.0
_MOST_BYTES = 256 * 1024
_KNOWN_SECONDS = 3600.0
_LEEWAY_SECONDS = 30
_ALGORITHMS = ("RS256", "ES256", "EdDSA")
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "nonce"]
_LONGEST_SUBJECT = 255

Ask = Callable[[urllib.request.Request], bytes]


class NotProven(Exception):
    """The provider does not vouch for whoever came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What we are to the provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Held:
    """What ties a journey to a browser: made from the secret in its cookie, so that it need be kept nowhere."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


def held(lookup_key: bytes, cookie: str) -> Held:
    return Held(*(lookup_hash(lookup_key, f"console-oidc-{use}", cookie.encode()).hex() for use in ("s", "n", "v")))


def ask(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - the operator's own setting
        found: bytes = answer.read(_MOST_BYTES)
    return found


class Provider:
    """One for each process; it asks nobody before somebody wants to sign in. Raises TransientError when it is away."""

    def __init__(self, client: Client, *, ask: Ask = ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._ask = ask
        self._clock = clock
        self._known: tuple[float, Mapping[str, str], PublishedKeys] | None = None

    def way_there(self, held: Held) -> str:
        places, _ = self._places()
        challenge = urlsafe_b64encode(sha256(held.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "state": held.state,
            "nonce": held.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = places["authorization_endpoint"]
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def subject(self, code: str, held: Held) -> str:
        """Whom the provider vouches for. Raises NotProven."""
        places, keys = self._places()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": held.verifier,
        }
        ours = f"{quote_plus(self._client.client_id)}:{quote_plus(self._client.client_secret)}"
        headers = {"Authorization": f"Basic {b64encode(ours.encode()).decode()}", "Accept": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - a place that `_places` has judged
            places["token_endpoint"], urlencode(asked).encode(), headers
        )
        return self._read(str(self._document(request).get("id_token", "")), held, keys)

    def _read(self, token: str, held: Held, keys: PublishedKeys) -> str:
        try:
            claims = self._claims(token, keys)
        except (jwt.PyJWTError, ValueError) as error:
            raise NotProven from error
        party, nonce, subject = claims.get("azp", self._client.client_id), str(claims["nonce"]), claims["sub"]
        if party != self._client.client_id or not hmac.compare_digest(nonce.encode(), held.nonce.encode()):
            raise NotProven
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise NotProven
        return subject

    def _claims(self, token: str, keys: PublishedKeys) -> Mapping[str, Any]:
        head = jwt.get_unverified_header(token)
        key = keys.find(head.get("kid"), wait_seconds=_TIMEOUT_SECONDS)
        if key is None or head.get("alg") not in _ALGORITHMS or key.algorithm_name != head["alg"]:
            raise NotProven
        found: Mapping[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[head["alg"]],
            audience=self._client.client_id,
            issuer=self._client.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
        return found

    def _places(self) -> tuple[Mapping[str, str], PublishedKeys]:
        known = self._known
        if known is None or self._clock() - known[0] > _KNOWN_SECONDS:
            known = self._known = self._discover()
        return known[1], known[2]

    def _discover(self) -> tuple[float, Mapping[str, str], PublishedKeys]:
        issuer = self._client.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        told = self._document(urllib.request.Request(url))  # noqa: S310 - the operator's own setting
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        places = {name: told.get(name) for name in names}
        scheme = issuer.partition("://")[0]
        if told.get("issuer") != issuer or not all(str(place).startswith(f"{scheme}://") for place in places.values()):
            raise TransientError("the provider's description is of another provider", code="provider_foreign")
        keys = PublishedKeys(str(places["jwks_uri"]), fetch=lambda url: self._ask(urllib.request.Request(url)))  # noqa: S310
        return self._clock(), {name: str(place) for name, place in places.items()}, keys

    def _document(self, request: urllib.request.Request) -> Mapping[str, Any]:
        try:
            found = orjson.loads(self._ask(request))
        except HTTPError as error:
            refused = HTTPStatus.BAD_REQUEST <= error.code < HTTPStatus.INTERNAL_SERVER_ERROR
            if refused and request.data is not None:
                raise NotProven from error
            raise TransientError("the provider does not answer", code="provider_away") from error
        except (OSError, ValueError) as error:
            raise TransientError("the provider does not answer", code="provider_away") from error
        if not isinstance(found, dict):
            raise TransientError("the provider does not answer as one", code="provider_away")
        return found
