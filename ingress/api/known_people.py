"""People who call about themselves: their identity is proof enough to be known by."""

from ingress.api.calls import Asked
from shared import people
from shared.people import Link, Person


def let_in(asked: Asked, user_id: str) -> None:
    """Make the caller known, should nobody have told us of them yet: nobody in danger is sent away for that.

    Raises NotFound for another whom nobody told us of.
    """
    if people.find(asked.conn, user_id) is not None:
        return
    if not asked.principal.is_person(user_id):
        people.require(asked.conn, user_id)
    wanted = Link(person=Person(user_id=user_id))
    workings = asked.workings
    people.link(asked.conn, wanted, actor=asked.actor, lookup_key=workings.lookup_key, policy=workings.policy)
