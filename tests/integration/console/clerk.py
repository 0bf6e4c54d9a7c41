"""A member of staff before a browser without scripts: reads pages, fills in their forms, follows where they lead."""

import re
from html import unescape

ORIGIN = "http://127.0.0.1:8001"
COOKIE = "carelane"


class Clerk:
    def __init__(self, app, staff_id, token):
        self.staff_id = staff_id
        self.client = app.test_client()
        self.holds(token)
        self.hidden = {}
        self.page = ""

    def holds(self, token):
        self.client.set_cookie(COOKIE, token, domain="127.0.0.1")

    def open(self, path):
        return self._read(self.client.get(path, base_url=ORIGIN))

    def send(self, path, **fields):
        """The hidden fields of the page go along; then on to where the answer leads."""
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        answer = self.client.post(path, base_url=ORIGIN, data=self.hidden | fields, headers=headers)
        if answer.status_code == 303 and "/sign-in" not in answer.headers["Location"]:
            answer = self.client.get(answer.headers["Location"], base_url=ORIGIN)
        return self._read(answer)

    def says(self):
        """The page's words without its markup."""
        plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", self.page, flags=re.DOTALL)
        return " ".join(unescape(plain).split())

    def link(self, words):
        found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(words)}', self.page)
        return unescape(found[1])

    def action(self, end):
        """Where a form of the page leads whose address ends so."""
        return unescape(re.search(rf'action="([^"]*{end}[^"]*)"', self.page)[1])

    def _read(self, answer):
        self.page = answer.text
        found = re.findall(r'type="hidden" name="(csrf|as_of|which|row)" value="([^"]*)"', answer.text)
        self.hidden = {name: unescape(value) for name, value in found} or self.hidden
        return answer
