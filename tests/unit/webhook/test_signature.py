"""Every trap of the signature header, and equivalence with Stripe's own library."""

from datetime import UTC, datetime

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.webhook.signature import Refused, Verified, verify
from tests.factories.deliveries import PREVIOUS, SECRET, header, signature

NOW = 1_790_000_000
BODY = b'{"id": "evt_1"}'
OTHER = "0" * 64


def judge(sent, *, body=BODY, now=NOW, secrets=(SECRET, PREVIOUS)):
    verdict = verify(sent, body, secrets=secrets, now=now)
    return verdict.code if isinstance(verdict, Refused) else verdict


def test_a_right_signature_tells_which_secret_and_when():
    assert judge(header(BODY, NOW)) == Verified("current", datetime.fromtimestamp(NOW, UTC))


def test_every_configured_secret_is_good():
    assert judge(header(BODY, NOW, PREVIOUS)).secret_name == "previous"


def test_any_of_several_signatures_may_match_however_late_it_stands():
    many = ",".join(["v1=" + OTHER] * 40)
    assert judge(f"t={NOW},{many},v1={signature(BODY, NOW)}").secret_name == "current"


def test_other_schemes_are_ignored_beside_a_good_one():
    assert judge(header(BODY, NOW) + f",v0={OTHER},v2=x,nonsense,=,t2={NOW}").secret_name == "current"


@pytest.mark.parametrize("offset", [-300, 300, 0])
def test_up_to_300_seconds_either_way_are_allowed(offset):
    assert isinstance(judge(header(BODY, NOW + offset)), Verified)


@pytest.mark.parametrize("offset", [-301, 301, -86_400, 10**9])
def test_a_signed_but_old_or_future_time_is_a_replay(offset):
    assert judge(header(BODY, NOW + offset)) == "REPLAY_ATTACK"


def test_wrong_and_stale_at_once_is_invalid():
    assert judge(f"t={NOW - 1000},v1={OTHER}") == "INVALID_SIGNATURE"


def test_no_header_is_missing():
    assert judge(None) == "MISSING_SIGNATURE"


GOOD = signature(BODY, NOW)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ",",
        f"v1={GOOD}",
        f"t={NOW}",
        f"t={NOW},v0={GOOD}",
        f"t={NOW},v1=",
        f"t={NOW},v1={GOOD.upper()}",
        f"t={NOW},v1={GOOD[:-1]}",
        f"t={NOW},v1={GOOD}0",
        f"t={NOW},v1= {GOOD}",
        f"t={NOW}, v1={GOOD}",
        f"t={NOW},V1={GOOD}",
        f"t={NOW},t={NOW},v1={GOOD}",
        f"t={NOW},t={NOW - 1},v1={GOOD}",
        f"t={NOW},v1={GOOD};",
        f"t={NOW},v1={'é' * 64}",
        f"t={NOW},v1={GOOD[:-1]}\uff11",
        f"t={NOW},v1={GOOD}" + "," * 5000,
    ],
)
def test_a_malformed_header_is_invalid(sent):
    assert judge(sent) == "INVALID_SIGNATURE"


@pytest.mark.parametrize(
    "at", [f"+{NOW}", f"-{NOW}", f" {NOW}", f"{NOW}.0", "1_790_000_000", "", "0x6ab", "9" * 13, "9" * 4000]
)
def test_a_time_that_is_no_plain_number_is_invalid_even_when_signed(at):
    assert judge(header(BODY, at)) == "INVALID_SIGNATURE"


def test_digits_of_another_script_are_no_number():
    arabic = str(NOW).translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    assert judge(header(BODY, arabic)) == "INVALID_SIGNATURE"


def test_the_time_is_signed_as_it_was_sent():
    assert isinstance(judge(header(BODY, f"00{NOW}")), Verified)
    assert judge(f"t=00{NOW},v1={GOOD}") == "INVALID_SIGNATURE"


@pytest.mark.parametrize("changed", [BODY + b"\n", b"\xef\xbb\xbf" + BODY, BODY[:-1], b""])
def test_a_changed_body_is_invalid(changed):
    assert judge(header(BODY, NOW), body=changed) == "INVALID_SIGNATURE"


def test_a_body_that_is_no_text_is_judged_by_its_bytes():
    body = b"\xff\x00\xfe"
    assert isinstance(judge(header(body, NOW), body=body), Verified)


def test_no_secret_verifies_nothing():
    assert judge(header(BODY, NOW), secrets=()) == "INVALID_SIGNATURE"


@settings(deadline=None)
@given(body=st.text(max_size=500), offset=st.integers(-600, 600), tampered=st.booleans())
def test_we_agree_with_stripe_about_the_past_and_are_stricter_about_the_future(body, offset, tampered):
    sent = stripe.WebhookSignature.generate_signature_header(body, SECRET.value, timestamp=NOW + offset)
    arrived = body + " " if tampered else body
    try:
        theirs = stripe.WebhookSignature.verify_header(arrived, sent, SECRET.value, None)
    except stripe.SignatureVerificationError:
        theirs = False
    ours = judge(sent, body=arrived.encode("utf-8", "surrogatepass"))
    assert isinstance(ours, Verified) == (bool(theirs) and abs(offset) <= 300)


PIECES = st.sampled_from(["t=", "v1=", "v0=", ",", "=", " ", str(NOW), OTHER, GOOD[:63], "é", "\0", "\ud800"])


@settings(deadline=None, max_examples=500)
@given(sent=st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=12).map("".join)))
def test_no_header_made_up_by_chance_is_accepted_or_raises(sent):
    assert judge(sent) == "INVALID_SIGNATURE"
