"""Tokens as Supabase would make them."""

import time
from typing import Any

import jwt

SECRET = "a secret of the identity provider, 32 bytes or more"


def claims(**changes: Any) -> dict[str, Any]:
    """Of person `p`, good for an hour; a claim of None is left out."""
    now = int(time.time())
    made = {"sub": "p", "aud": "authenticated", "iat": now, "exp": now + 3600, "role": "authenticated"} | changes
    return {name: value for name, value in made.items() if value is not None}


def token(*, key: Any = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)
