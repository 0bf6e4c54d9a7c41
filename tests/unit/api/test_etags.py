"""A status that has not changed has the same tag, whenever it is asked for."""

from flask import Flask, request

from ingress.api import etags

DOCUMENT = {"userId": "p", "tier": "basic", "asOf": "2026-03-10T12:00:00Z"}


def answered(document, **headers):
    with Flask(__name__).test_request_context("/", headers=headers):
        return etags.conditional(request, document)


def test_the_moment_of_asking_changes_no_tag():
    assert etags.of(DOCUMENT) == etags.of({**DOCUMENT, "asOf": "2026-03-11T12:00:00Z"})


def test_anything_else_does():
    assert etags.of(DOCUMENT) != etags.of({**DOCUMENT, "tier": "premium"})


def test_the_order_of_fields_does_not():
    assert etags.of(DOCUMENT) == etags.of(dict(reversed(DOCUMENT.items())))


def test_whoever_holds_it_is_sent_nothing_but_the_tag():
    first = answered(DOCUMENT)
    held = answered({**DOCUMENT, "asOf": "later"}, If_None_Match=first.headers["etag"])
    assert (held.status_code, held.get_data(), held.headers["etag"]) == (304, b"", first.headers["etag"])


def test_one_of_several_tags_suffices_and_another_does_not():
    tag = answered(DOCUMENT).headers["etag"]
    assert answered(DOCUMENT, If_None_Match=f'"other", {tag}').status_code == 304
    assert answered(DOCUMENT, If_None_Match='"other"').status_code == 200
