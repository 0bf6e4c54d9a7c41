"""Bad calls to the application door and its pages, each with the refusal it must get. `held`: tokens to misuse."""

import base64
import json
import time

from tests.factories.identities import token

PEOPLE, ACCESS, REQUEUE = "/api/people/p", "/api/access/p", "/api/admin/dead-letters/requeue"
LINK = {"stripeCustomerId": "cus_red"}


def call(method, path, bearer=None, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return method, path, given | named, content


def unsigned_jwt(held):
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "p", "aud": "authenticated", "exp": int(time.time()) + 600})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), ""])


def lent(held):
    """The body of a good token under the signature of another."""
    mine, theirs = token(sub="p"), token(sub="q")
    return ".".join([*theirs.split(".")[:2], mine.split(".")[2]])


CREDENTIALS = {
    "no token": (lambda held: call("PUT", PEOPLE, body=LINK), (401, "MISSING_TOKEN")),
    "a password": (lambda held: call("GET", ACCESS, Authorization="Basic cm9vdDpyb290"), (401, "MISSING_TOKEN")),
    "a token in the query": (lambda held: call("GET", f"{ACCESS}?token={held['all']}"), (401, "MISSING_TOKEN")),
    "a token made up": (lambda held: call("PUT", PEOPLE, "clt_" + "x" * 43, LINK), (401, "INVALID_TOKEN")),
    "a token cut short": (lambda held: call("PUT", PEOPLE, held["all"][:-1], LINK), (401, "INVALID_TOKEN")),
    "a revoked token": (lambda held: call("PUT", PEOPLE, held["revoked"], LINK), (401, "REVOKED_TOKEN")),
    "an identity signed by nobody": (lambda held: call("GET", ACCESS, unsigned_jwt(held)), (401, "INVALID_TOKEN")),
    "an identity under another's signature": (lambda held: call("GET", ACCESS, lent(held)), (401, "INVALID_TOKEN")),
    "an identity by another key": (
        lambda held: call("GET", ACCESS, token(key="x" * 40)),
        (401, "INVALID_TOKEN"),
    ),
    "an identity that is over": (lambda held: call("GET", ACCESS, token(exp=1)), (401, "EXPIRED_TOKEN")),
    "an identity without an end": (lambda held: call("GET", ACCESS, token(exp=None)), (401, "INVALID_TOKEN")),
    "an identity for another application": (
        lambda held: call("GET", ACCESS, token(aud="another")),
        (401, "FOREIGN_TOKEN"),
    ),
}
RIGHTS = {
    "another person's access": (lambda held: call("GET", "/api/access/q", token()), (403, "NOT_YOURS")),
    "another person's payments": (lambda held: call("GET", "/api/payment-status/q", token()), (403, "NOT_YOURS")),
    "a person who links themself": (lambda held: call("PUT", PEOPLE, token(), LINK), (403, "MISSING_SCOPE")),
    "a role one gave oneself": (
        lambda held: call("GET", "/api/admin/status", token(user_metadata={"role": "admin"})),
        (403, "MISSING_SCOPE"),
    ),
    "the operators' calls with a token of the backend": (
        lambda held: call("GET", "/api/admin/status", held["people"]),
        (403, "MISSING_SCOPE"),
    ),
    "a write with a token that reads": (
        lambda held: call("POST", REQUEUE, held["reads"], {"ids": ["evt_1"], "reason": "red team at work"}),
        (403, "MISSING_SCOPE"),
    ),
}
CONTENTS = {
    "no JSON": (lambda held: call("PUT", PEOPLE, held["all"], b"{"), (400, "INVALID_JSON")),
    "a list for an object": (lambda held: call("PUT", PEOPLE, held["all"], []), (400, "INVALID_JSON")),
    "JSON of a great depth": (lambda held: call("PUT", PEOPLE, held["all"], b"[" * 60_000), (400, "INVALID_JSON")),
    "a field that is not asked for": (
        lambda held: call("PUT", PEOPLE, held["all"], LINK | {"isAdmin": True}),
        (422, "INVALID_FIELDS"),
    ),
    "a figure out of bounds": (
        lambda held: call("PUT", PEOPLE, held["all"], {"graceDays": 9**9}),
        (422, "INVALID_FIELDS"),
    ),
    "a list for a text": (
        lambda held: call("PUT", PEOPLE, held["all"], {"stripeCustomerId": ["cus_1"]}),
        (422, "INVALID_FIELDS"),
    ),
    "a parameter twice": (
        lambda held: call("GET", "/api/payouts?status=PENDING&status=FAILED", held["all"]),
        (422, "INVALID_FIELDS"),
    ),
    "a key that is too long": (
        lambda held: call("PUT", PEOPLE, held["all"], LINK, Idempotency_Key="x" * 300),
        (400, "INVALID_IDEMPOTENCY_KEY"),
    ),
    "a body over the limit": (lambda held: call("PUT", PEOPLE, held["all"], b" " * 70_000), (413, "BODY_TOO_LARGE")),
    "another method": (lambda held: call("DELETE", PEOPLE, held["all"]), (405, "METHOD_NOT_ALLOWED")),
    "another path": (lambda held: call("GET", "/api/admin/../../etc/passwd", held["all"]), (404, "NOT_FOUND")),
}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
PROOFS = b"name=ann&password=guessed+by+somebody&code=000000"
CONSOLE = {
    "the console without a session": (lambda held: call("GET", "/console"), (303, None)),
    "the console with a session made up": (
        lambda held: call("GET", "/console", Cookie="carelane=guessed; __Host-carelane=guessed"),
        (303, None),
    ),
    "the console with a service's token": (lambda held: call("GET", "/console", held["all"]), (303, None)),
    "a sign-in without the page's token": (
        lambda held: call("POST", "/console/sign-in", body=PROOFS, **FORM),
        (403, None),
    ),
    "a sign-in from another site": (
        lambda held: call("POST", "/console/sign-in", body=PROOFS, Origin="https://evil.example", **FORM),
        (403, None),
    ),
    "a sign-in as JSON": (
        lambda held: call("POST", "/console/sign-in", body={"name": "ann"}, Content_Type="application/json"),
        (403, None),
    ),
    "an enrolment without the page's token": (
        lambda held: call("POST", "/console/enrol", body=b"name=ann&setup=guessed", **FORM),
        (403, None),
    ),
    "broken glass without a session": (
        lambda held: call("POST", "/console/break-glass", body=b"reason=for+no+good+reason", **FORM),
        (303, None),
    ),
    "a file beside the style sheet": (lambda held: call("GET", "/console/static/../sign_in.py"), (404, None)),
    "the same, encoded": (lambda held: call("GET", "/console/static/%2e%2e/sign_in.py"), (404, None)),
    "another method at the console": (lambda held: call("PUT", "/console/sign-in"), (405, None)),
}
PERSONS_PAGE = {
    "a person's session with a token made up": (
        lambda held: call("POST", "/account/session", body=b"token=guessed", **FORM),
        (401, None),
    ),
    "a person's session with a service's token": (
        lambda held: call("POST", "/account/session", body=f"token={held['all']}".encode(), **FORM),
        (401, None),
    ),
    "a person's session from another site": (
        lambda held: call(
            "POST", "/account/session", body=f"token={token()}".encode(), Origin="https://evil.example", **FORM
        ),
        (403, None),
    ),
    "emergency access without a session": (
        lambda held: call("POST", "/account/emergency", body=b"reason=crisis_detected", **FORM),
        (401, None),
    ),
    "emergency access by a token and no form of ours": (
        lambda held: call("POST", "/account/emergency", token(), b"reason=crisis_detected", **FORM),
        (403, None),
    ),
    "a file beside a person's style sheet": (lambda held: call("GET", "/account/static/../desk.py"), (404, None)),
    "another method at a person's page": (lambda held: call("DELETE", "/account"), (405, None)),
}
ALL = CREDENTIALS | RIGHTS | CONTENTS | CONSOLE | PERSONS_PAGE
