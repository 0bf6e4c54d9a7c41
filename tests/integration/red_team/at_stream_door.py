"""Bad requests for live updates, each with the refusal it must get. `held`: tokens to misuse."""

from tests.factories.identities import token
from tests.integration.red_team.at_application_door import CREDENTIALS, call

PATH = "/api/stream"


def here(make):
    """The same credentials, for a stream."""

    def made(held):
        _, path, headers, _ = make(held)
        query = path.partition("?")[2]
        return "GET", f"{PATH}?{query}" if query else PATH, headers, None

    return made


def stream(query="", bearer=None, method="GET", **headers):
    return lambda held: call(method, PATH + query, token() if bearer is None else held[bearer], **headers)


WISHES = {
    "a token in the query": (lambda held: call("GET", f"{PATH}?token={held['all']}"), (422, "INVALID_FIELDS")),
    "another person's updates": (stream("?userId=q"), (403, "NOT_YOURS")),
    "a device that is not one's own": (stream("?deviceId=nobodys"), (404, "UNKNOWN_DEVICE")),
    "everybody's, with a token for something else": (stream(bearer="people"), (403, "MISSING_SCOPE")),
    "a field that is not asked for": (stream("?user=q"), (422, "INVALID_FIELDS")),
    "a person twice": (stream("?userId=p&userId=q"), (422, "INVALID_FIELDS")),
    "a person and a device": (stream("?userId=p&deviceId=d"), (422, "INVALID_FIELDS")),
    "a person with a NUL": (stream("?userId=p%00"), (422, "INVALID_FIELDS")),
    "an id that no stream gave": (stream(Last_Event_ID="-1"), (422, "INVALID_FIELDS")),
    "another method": (stream(method="POST"), (405, "METHOD_NOT_ALLOWED")),
    "another path": (lambda held: call("GET", "/api/access/p", token()), (404, "NOT_FOUND")),
    "dots in the path": (lambda held: call("GET", "/x/../api/stream", token()), (404, "NOT_FOUND")),
}
ALL = {name: (here(make), expected) for name, (make, expected) in CREDENTIALS.items()} | WISHES
