"""What is told of the calls is made from what serves them, and the page stands alone."""

import base64
import hashlib
import json
import re

from ingress.api import openapi, page
from ingress.api.problems import CODES
from ingress.api.resources import TOLD

CALLS = [call for calls in TOLD.values() for call in calls]
DOCUMENT = openapi.document(TOLD)


def operations():
    return {
        operation["operationId"]: operation for methods in DOCUMENT["paths"].values() for operation in methods.values()
    }


def test_every_call_is_told_with_all_its_answers():
    told = operations()
    assert set(told) == {call.name for call in CALLS}
    for call in CALLS:
        statuses = {str(status) for status in call.gives} | {str(int(CODES[code][0])) for code in call.all_problems}
        unchanged = {"304"} if call.is_conditional else set()
        assert set(told[call.name]["responses"]) == statuses | unchanged


def test_every_write_may_be_sent_again():
    for call in CALLS:
        names = [parameter["name"] for parameter in operations()[call.name]["parameters"]]
        assert ("Idempotency-Key" in names) == (call.method != "GET")


def test_every_document_that_is_named_is_there():
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert named <= set(DOCUMENT["components"]["schemas"])


def test_the_page_names_every_call_and_fetches_nothing():
    shown = page.html(DOCUMENT)
    for path in DOCUMENT["paths"]:
        assert path in shown
    assert not re.search(r"<script|<link|src=|@import|url\(", shown)
    assert set(re.findall(r'href="#([^"]+)"', shown)) <= set(re.findall(r'id="([^"]+)"', shown))


def test_the_page_takes_no_text_for_markup():
    told = {**DOCUMENT, "info": {"title": "<b>", "description": "`a<b` & c"}}
    assert "<h1>&lt;b&gt;" in page.html(told)
    assert "<code>a&lt;b</code> &amp; c" in page.html(told)


def test_the_page_has_no_style_but_the_one_that_its_policy_names():
    [style] = re.findall(r"<style>(.*?)</style>", page.html(DOCUMENT), re.DOTALL)
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.HEADERS["content-security-policy"]
    assert f"style-src 'sha256-{known}';" in policy
    assert "unsafe" not in policy
