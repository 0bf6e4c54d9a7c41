"""Bad requests to the webhook door, each with the refusal it must get. `at` is now, in Unix seconds."""

import hashlib
import hmac

from tests.factories.deliveries import SECRET, header, signature
from tests.factories.events import event, raw
from tests.integration.webhook.conftest import PATH

CANARY = "canary-in-the-payload"
BODY = raw(event("basil/customer.subscription.updated", id="evt_red", **{"data.object.metadata": {"note": CANARY}}))
LIMIT = 65_536
# From the list of allowed sources; the last hop is a proxy of ours on loopback.
ALLOWED, FOREIGN = "198.51.100.7", "203.0.113.9"


def post(*headers, body=BODY, source=ALLOWED, method="POST", path=PATH, framing=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: door", "Connection: close", f"X-Forwarded-For: {source}"]
    framing = f"Content-Length: {len(body)}" if framing is None else framing
    return "\r\n".join([*lines, framing, *headers, "", ""]).encode("latin-1") + body


def signed(at, body=BODY, **how):
    return post(f"Stripe-Signature: {header(body, at)}", body=body, **how)


def with_header(text, **how):
    return post(f"Stripe-Signature: {text}", **how)


def digest(at, algorithm=hashlib.sha256, secret=SECRET.value, payload=None):
    return hmac.new(secret.encode(), f"{at}.".encode() + BODY if payload is None else payload, algorithm).hexdigest()


INVALID, MISSING = (401, "INVALID_SIGNATURE"), (401, "MISSING_SIGNATURE")
NOT_FOUND, OTHER_METHOD = (404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")
BAD = (400, None)  # by the server itself, before anything of ours

SIGNATURES = {
    "no signature": (lambda at: post(), MISSING),
    "an empty signature": (lambda at: with_header(""), INVALID),
    "nonsense as signature": (lambda at: with_header("let me in"), INVALID),
    "a time without a signature": (lambda at: with_header(f"t={at}"), INVALID),
    "a signature without a time": (lambda at: with_header(f"v1={signature(BODY, at)}"), INVALID),
    "two times": (lambda at: with_header(f"t={at},t={at},v1={signature(BODY, at)}"), INVALID),
    "the weaker scheme v0": (lambda at: with_header(f"t={at},v0={signature(BODY, at)}"), INVALID),
    "capital letters in the signature": (lambda at: with_header(f"t={at},v1={signature(BODY, at).upper()}"), INVALID),
    "a blank before v1": (lambda at: with_header(f"t={at}, v1={signature(BODY, at)}"), INVALID),
    "a signature cut short": (lambda at: with_header(f"t={at},v1={signature(BODY, at)[:-1]}"), INVALID),
    "a signature too long": (lambda at: with_header(f"t={at},v1={signature(BODY, at)}0"), INVALID),
    "another's secret": (lambda at: with_header(f"t={at},v1={digest(at, secret='whsec_guessed')}"), INVALID),
    "an empty secret": (lambda at: with_header(f"t={at},v1={digest(at, secret='')}"), INVALID),
    "SHA-1": (lambda at: with_header(f"t={at},v1={digest(at, hashlib.sha1)}"), INVALID),
    "SHA-512": (lambda at: with_header(f"t={at},v1={digest(at, hashlib.sha512)}"), INVALID),
    "signed without the time": (lambda at: with_header(f"t={at},v1={digest(at, payload=BODY)}"), INVALID),
    "signed for another time": (lambda at: with_header(f"t={at},v1={signature(BODY, at - 1)}"), INVALID),
    "signed for another body": (lambda at: with_header(header(BODY + b" ", at)), INVALID),
    "a byte of the body flipped": (
        lambda at: with_header(header(BODY, at), body=BODY[:-2] + bytes([BODY[-2] ^ 1]) + BODY[-1:]),
        INVALID,
    ),
    "a byte order mark before the body": (
        lambda at: with_header(header(BODY, at), body=b"\xef\xbb\xbf" + BODY),
        INVALID,
    ),
    "the body written anew": (lambda at: with_header(header(BODY, at), body=BODY.replace(b":", b": ")), INVALID),
    "older than five minutes": (lambda at: signed(at - 301), (400, "REPLAY_ATTACK")),
    "more than five minutes ahead": (lambda at: signed(at + 330), (400, "REPLAY_ATTACK")),
    "of the year 1970": (lambda at: signed(0), (400, "REPLAY_ATTACK")),
    "of a far future": (lambda at: signed(999_999_999_999), (400, "REPLAY_ATTACK")),
    "wrong and stale at once": (lambda at: with_header(f"t={at - 999},v1={'0' * 64}"), INVALID),
    "a negative time": (lambda at: signed(f"-{at}"), INVALID),
    "a time with a sign": (lambda at: signed(f"+{at}"), INVALID),
    "a time of many figures": (lambda at: signed("1" * 13), INVALID),
    "no time but a word": (lambda at: signed("now"), INVALID),
    "a signature that is not ASCII": (lambda at: with_header(f"t={at},v1=\xe9\xff"), INVALID),
    "a header of 5,000 signs": (lambda at: with_header(f"t={at},v1={signature(BODY, at)}," + "x" * 5000), INVALID),
    "a hundred signatures": (lambda at: with_header(f"t={at}," + ",".join(["v1=" + "0" * 64] * 100)), INVALID),
    "spelt with an underscore": (lambda at: post(f"Stripe_Signature: {header(BODY, at)}"), MISSING),
    "under another name": (lambda at: post(f"X-Stripe-Signature: {header(BODY, at)}"), MISSING),
    "in the query": (lambda at: post(path=f"{PATH}?Stripe-Signature={header(BODY, at)}"), MISSING),
    "in a cookie": (lambda at: post(f"Cookie: Stripe-Signature={header(BODY, at)}"), MISSING),
}
FRAMING = {
    "a body said to be gzip": (
        lambda at: post("Content-Encoding: gzip", f"Stripe-Signature: {header(BODY, at)}"),
        (415, "UNSUPPORTED_ENCODING"),
    ),
    "a body said to be twice encoded": (
        lambda at: post("Content-Encoding: identity, br", f"Stripe-Signature: {header(BODY, at)}"),
        (415, "UNSUPPORTED_ENCODING"),
    ),
    "a body over the limit": (lambda at: signed(at, body=b"x" * (LIMIT + 1)), (413, "BODY_TOO_LARGE")),
    "a body declared over the limit": (
        lambda at: post("Stripe-Signature: t=1", body=b"", framing="Content-Length: 999999999"),
        (413, "BODY_TOO_LARGE"),
    ),
    "chunks over the limit": (
        lambda at: post(framing="Transfer-Encoding: chunked", body=(b"1000\r\n" + b"x" * 4096 + b"\r\n") * 20),
        (413, "BODY_TOO_LARGE"),
    ),
    "two lengths": (lambda at: post("Content-Length: 3", body=b"abcd"), BAD),
    "a negative length": (lambda at: post(body=b"abc", framing="Content-Length: -3"), BAD),
    "a length with a sign": (lambda at: post(body=b"abc", framing="Content-Length: +3"), BAD),
    # Refused by the server, or as the unsigned nothing that was read of it: whichever is first.
    "chunks that are none": (
        lambda at: post(body=b"zz\r\n", framing="Transfer-Encoding: chunked"),
        (frozenset({400, 401}), None),
    ),
    "a header of 100,000 signs": (lambda at: post("X-Long: " + "x" * 100_000), (431, None)),
    "a protocol that is none": (lambda at: post().replace(b"HTTP/1.1", b"HTTP/9.9", 1), BAD),
    "a line break in a header's name": (lambda at: post("Stripe-\nSignature: t=1"), BAD),
}
WAYS = {
    "GET": (lambda at: signed(at, method="GET"), OTHER_METHOD),
    "PUT": (lambda at: signed(at, method="PUT"), OTHER_METHOD),
    "DELETE": (lambda at: signed(at, method="DELETE"), OTHER_METHOD),
    "OPTIONS": (lambda at: signed(at, method="OPTIONS"), OTHER_METHOD),
    "TRACE": (lambda at: signed(at, method="TRACE"), OTHER_METHOD),
    "GET that says it is POST": (
        lambda at: post("X-HTTP-Method-Override: POST", f"Stripe-Signature: {header(BODY, at)}", method="GET"),
        OTHER_METHOD,
    ),
    "a slash at the end": (lambda at: signed(at, path=f"{PATH}/"), NOT_FOUND),
    "a slash twice": (lambda at: signed(at, path="/api//webhooks/stripe"), NOT_FOUND),
    "dots in the path": (lambda at: signed(at, path="/x/../api/webhooks/stripe"), NOT_FOUND),
    "capital letters in the path": (lambda at: signed(at, path="/API/webhooks/stripe"), NOT_FOUND),
    "a parameter in the path": (lambda at: signed(at, path=f"{PATH};x=1"), NOT_FOUND),
    "a line break in the path": (lambda at: signed(at, path=f"{PATH}%0aFAKE"), NOT_FOUND),
    "the application door's calls": (lambda at: post(method="GET", path="/api/access/p"), NOT_FOUND),
    "the console": (lambda at: post(method="GET", path="/console"), NOT_FOUND),
}
BARRED = (403, "SOURCE_NOT_ALLOWED")
SOURCES = {
    "signed, from elsewhere": (lambda at: signed(at, source=FOREIGN), BARRED),
    "unsigned, from elsewhere": (lambda at: post(source=FOREIGN), BARRED),
    "from elsewhere, with an allowed address written before it": (
        lambda at: signed(at, source=f"{ALLOWED}, {FOREIGN}"),
        BARRED,
    ),
    "from elsewhere, with a second header": (
        lambda at: post(f"X-Forwarded-For: {FOREIGN}", f"Stripe-Signature: {header(BODY, at)}", source=ALLOWED),
        BARRED,
    ),
    "from elsewhere, by other headers": (
        lambda at: post(
            f"X-Real-IP: {ALLOWED}",
            f"Forwarded: for={ALLOWED}",
            f"Stripe-Signature: {header(BODY, at)}",
            source=FOREIGN,
        ),
        BARRED,
    ),
    "from no address": (lambda at: signed(at, source="nonsense"), BARRED),
}
ALL = SIGNATURES | FRAMING | WAYS | SOURCES
