"""Where whoever uses the console is, as failed tries are counted by it."""

from flask import request

from ingress import origin
from ingress.console.house import House


def source(house: House) -> str:
    peer = origin.Peer(f"{request.remote_addr or ''}:0", request.headers.get("X-Forwarded-For"))
    return origin.named(origin.source(peer, house.trusted))
