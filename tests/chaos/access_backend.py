"""The application's backend, which asks what its people may use; each answer must be 200 and help in danger."""

import http.client
import json
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from shared.access_cache import AccessCache
from shared.rules.tiers import CRISIS_SET
from shared.setting_values import key

# A caller who gives up after so long would not have been answered by a call that hangs.
PATIENCE_SECONDS = 2.0
THREADS = 4
PAUSE_SECONDS = 0.01


class Backend:
    """The application's backend: a service with a token of its own."""

    def __init__(self, carelane):
        self.port = int(carelane.environ["CARELANE_APP_PORT"])
        made = carelane.run(
            "token", "create", "--name", f"backend-{secrets.token_hex(4)}", "--scope", "people", "--scope", "access"
        )
        assert made.returncode == 0, made.stderr
        self._carelane = carelane
        self.headers = {"Authorization": f"Bearer {made.stdout.strip()}"}

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def access(self, person):
        status, document = self.call("GET", f"/api/access/{person}")
        assert status == 200
        assert set(CRISIS_SET) <= set(document["features"])
        assert document["emergencyFeatures"]["hotlineQuickDial"]
        return document

    def is_live(self, person):
        found = self.access(person)
        return found["accessLevel"] == "full" and not found["degraded"]

    def is_on_disk(self, person):
        """An answer is written down a moment after it was given; until then it is known to one process alone."""
        lookup_key = key(self._carelane.settings()["CARELANE_LOOKUP_KEY"])
        with closing(AccessCache(self._carelane.home / "run" / "access.sqlite", lookup_key)) as file:
            found = file.find(person)
        return found is not None and found["accessLevel"] == "full"


@contextmanager
def asking(backend, person):
    """Ask all the time; yields the answers so far."""
    over, answers = threading.Event(), []

    def ask():
        while not over.wait(PAUSE_SECONDS):
            answers.append(backend.access(person))

    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(ask) for _ in range(THREADS)]
        try:
            yield answers
        finally:
            over.set()
        for one in asked:
            one.result()
