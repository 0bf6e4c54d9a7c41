"""Live updates over a real door: who hears what, and that nobody misses or hears twice what is theirs."""

import time

from shared import tokens
from tests.factories.identities import token
from tests.integration.stream.conftest import link


def test_a_person_hears_what_is_theirs_and_nothing_of_others(listen, owe, user_id):
    stream = listen(person=user_id)
    assert stream.next().name == "stream:open"
    owe(f"person:{user_id}-not", 3)
    [mine] = owe(f"person:{user_id}")
    told = stream.next()
    assert (told.name, told.data) == ("access:updated", {"n": mine})


def test_a_creator_hears_their_own_payouts_and_accounts(stores, listen, owe, user_id):
    link(stores, user_id, creator_id=f"creator-of-{user_id}")
    stream = listen(person=user_id)
    stream.next()
    owe("creator:another", kind="payout:status_updated")
    [mine] = owe(f"creator:creator-of-{user_id}", kind="payout:status_updated")
    assert stream.until("payout:status_updated").data == {"n": mine}


def test_who_comes_back_goes_on_without_a_gap_or_a_duplicate(listen, owe, user_id):
    stream = listen(person=user_id)
    stream.next()
    wanted = owe(f"person:{user_id}", 20)
    heard = [told.data["n"] for told in stream.events(10)]
    stream.close()
    wanted += owe(f"person:{user_id}", 1200)
    again = listen(person=user_id, last_id=stream.last_id)
    assert again.next().name == "stream:open"
    wanted += owe(f"person:{user_id}", 5)
    heard += [told.data["n"] for told in again.events(len(wanted) - 10)]
    assert heard == wanted


def test_the_first_word_is_an_id_to_come_back_with(listen, owe, user_id):
    stream = listen(person=user_id)
    stream.next()
    stream.close()
    wanted = owe(f"person:{user_id}", 2)
    again = listen(person=user_id, last_id=stream.last_id)
    again.next()
    assert [told.data["n"] for told in again.events(2)] == wanted


def test_an_id_that_no_stream_gave_is_answered_by_a_gap(listen, owe, user_id):
    stream = listen(person=user_id, last_id=10**12)
    told = stream.next()
    assert (told.name, told.data) == ("stream:gap", {"reason": "unknown_id"})
    [mine] = owe(f"person:{user_id}")
    assert stream.next().data == {"n": mine}


def test_what_is_older_than_the_retention_is_answered_by_a_gap(stores, listen, owe, user_id):
    stream = listen(person=user_id)
    stream.next()
    first_id = stream.last_id
    owe(f"person:{user_id}")
    with stores.pool.transaction() as conn:
        conn.execute("UPDATE outbox_hours SET hour = hour - interval '40 days'")
    owe("person:somebody", 2100)  # more than the door remembers
    owe(f"person:{user_id}")
    stream.events(2)
    told = listen(person=user_id, last_id=first_id).next()
    assert (told.name, told.data) == ("stream:gap", {"reason": "retention"})


def test_a_service_with_the_scope_hears_everybody_and_staff_only_with_another(listen, owe, service, user_id):
    everybody, staff = listen(service("stream")), listen(service("stream", "admin:read"))
    everybody.next(), staff.next()
    [raised] = owe("staff", kind="dead_letter:created")
    [mine] = owe(f"person:{user_id}")
    assert everybody.next().data == {"n": mine}
    assert [told.data["n"] for told in staff.events(2)] == [raised, mine]


def test_a_service_may_ask_for_one_person(listen, owe, service, user_id):
    stream = listen(service("stream"), query=f"?userId={user_id}")
    stream.next()
    owe("person:another")
    [mine] = owe(f"person:{user_id}")
    assert stream.next().data == {"n": mine}


def test_who_may_not_is_told_so(listen, service, user_id):
    refused = {
        "MISSING_TOKEN": listen(),
        "INVALID_TOKEN": listen("nonsense"),
        "EXPIRED_TOKEN": listen(token(sub=user_id, exp=1)),
        "MISSING_SCOPE": listen(service("access")),
        "NOT_YOURS": listen(person=user_id, query="?userId=another"),
        "UNKNOWN_DEVICE": listen(person=user_id, query="?deviceId=nobodys"),
        "INVALID_FIELDS": listen(person=user_id, query="?user=x"),
    }
    assert {code: stream.document()["code"] for code, stream in refused.items()} == {code: code for code in refused}
    assert listen(person=user_id, last_id="x").document()["code"] == "INVALID_FIELDS"


def test_a_stream_ends_with_its_token(listen, user_id):
    stream = listen(token(sub=user_id, exp=int(time.time()) + 2))
    stream.next()
    told = stream.until("stream:end")
    assert told.data == {"reason": "expired"}
    assert stream.next() is None


def test_one_person_holds_a_bounded_number_of_streams(listen, user_id):
    opened = [listen(person=user_id) for _ in range(20)]
    assert {stream.status for stream in opened} == {200}
    over = listen(person=user_id)
    assert (over.status, over.document()["code"]) == (429, "TOO_MANY_STREAMS")


def test_other_paths_and_methods_are_answered(door):
    assert door.get("/readyz")[0] == 200
    assert "carelane_streams_open" in door.get("/metrics")[1]
    assert door.get("/api/other")[0] == 404
    assert tokens.SCOPES.count("stream") == 1
