"""A process that is ready at once, writes down its environment, and ends when asked: `door PORT` or `worker`."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Door(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
name = os.environ["CARELANE_PROCESS"]
home = Path(os.environ["CARELANE_HOME"])
(home / "run" / f"{name}.environ").write_text(json.dumps(dict(os.environ)))
if sys.argv[1] == "door":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
else:
    (home / "run" / "ready" / name).touch()
while not stop.wait(0.2):
    pass
