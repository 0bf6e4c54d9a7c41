"""Redis or Valkey: whether it answers, and whether it could throw messages away without a word."""

from collections.abc import Iterator, Mapping
from typing import Any

import redis

from shared import broker
from shared.checks.finding import Finding, fault, ok, warning

TIMEOUT_SECONDS = 2.0
_OLDEST_MAJOR = 7
_FULL_PERCENT = 90
_KEEPS = "noeviction"
_MEANWHILE = "Events are kept meanwhile, and are processed when it is back."


def look(redis_url: str | None) -> Iterator[Finding]:
    if redis_url is None:
        yield fault("redis", "REDIS_URL is not set.", "Set it, or start everything with `carelane up`.")
        return
    client = broker.connect(redis_url, timeout_seconds=TIMEOUT_SECONDS)
    try:
        reached = _reached(client)
        yield reached
        if reached.status == "ok":
            yield from _judged(client)
    finally:
        client.close()


def _reached(client: "redis.Redis") -> Finding:
    try:
        client.ping()
    except redis.AuthenticationError:
        return fault("redis", "It refuses our password.", "Correct the password in REDIS_URL.")
    except (redis.RedisError, OSError) as error:
        return fault(
            "redis", f"It does not answer: {type(error).__name__}.", f"Start it, or correct REDIS_URL. {_MEANWHILE}"
        )
    return ok("redis", "It answers.")


def _judged(client: "redis.Redis") -> Iterator[Finding]:
    info = _info(client)
    yield version(info)
    yield eviction(info.get("maxmemory_policy") or _policy_by_config(client))
    yield memory(info)


def _info(client: "redis.Redis") -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = client.info()
    except redis.RedisError:  # hosted ones may forbid it
        return {}
    return told


def _policy_by_config(client: "redis.Redis") -> str | None:
    try:
        told: Mapping[Any, Any] = client.config_get("maxmemory-policy")
    except redis.RedisError:
        return None
    return told.get("maxmemory-policy")


def version(info: Mapping[str, Any]) -> Finding:
    kind, text = (
        ("Valkey", info["valkey_version"]) if "valkey_version" in info else ("Redis", info.get("redis_version"))
    )
    if text is None:
        return warning("redis version", "It does not tell its version.", "Make sure that it is Redis 7 or later.")
    if int(str(text).partition(".")[0]) < _OLDEST_MAJOR:
        return warning("redis version", f"{kind} {text} is older than what is tested.", "Move to Redis 7 or later.")
    return ok("redis version", f"{kind} {text}")


def eviction(policy: str | None) -> Finding:
    name = "redis eviction"
    if policy is None:
        return warning(
            name,
            "It does not let us see maxmemory-policy.",
            f"Make sure by its own console that it is {_KEEPS}: any other loses messages without a word.",
        )
    if policy != _KEEPS:
        return fault(
            name,
            f"maxmemory-policy is {policy}: messages vanish without a word when memory is short.",
            f"CONFIG SET maxmemory-policy {_KEEPS}, and the same in its configuration file.",
        )
    return ok(name, f"maxmemory-policy is {_KEEPS}.")


def memory(info: Mapping[str, Any]) -> Finding:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    percent = 100 * used // most if most else 0
    if percent >= _FULL_PERCENT:
        return warning(
            "redis memory",
            f"{percent} % of maxmemory is used: soon it takes no more messages.",
            "Raise maxmemory, or find what else lies in it. Carelane's own lists are bounded by CARELANE_NUDGE_DEPTH.",
        )
    return ok("redis memory", f"{percent} % of maxmemory is used." if most else "There is no maxmemory.")
