import time

import pytest
import stripe

from ingress.cli import signing

SECRET = "whsec_0123456789abcdef"
BODY = signing.body_of({"id": "evt_1", "name": "Zoë"})


def accepted(header):
    return stripe.WebhookSignature.verify_header(BODY.decode(), header, SECRET, tolerance=300)


def test_stripe_own_library_accepts_our_signature():
    assert accepted(signing.header(BODY, secret=SECRET, signed_at=int(time.time())))


def test_it_is_the_signature_that_stripe_own_library_makes():
    ours = signing.signature(BODY, secret=SECRET, signed_at=1_790_000_000)
    theirs = stripe.WebhookSignature._compute_signature(f"1790000000.{BODY.decode()}", SECRET)
    assert ours == f"t=1790000000,v1={theirs}"


def test_stripe_own_library_refuses_a_bad_one():
    with pytest.raises(stripe.SignatureVerificationError):
        accepted(signing.header(BODY, secret=SECRET, signed_at=int(time.time()), flaw="bad"))


def test_stripe_own_library_refuses_one_that_is_too_old():
    with pytest.raises(stripe.SignatureVerificationError):
        accepted(signing.header(BODY, secret=SECRET, signed_at=int(time.time()) - 310))


def test_a_missing_signature_is_no_header():
    assert signing.header(BODY, secret=SECRET, signed_at=0, flaw="missing") is None
