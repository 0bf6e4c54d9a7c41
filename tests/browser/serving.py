"""An application of Flask on a port of its own, for as long as a test needs it."""

import threading
from contextlib import contextmanager

from werkzeug.serving import make_server

HOST = "127.0.0.1"


@contextmanager
def serving(app):
    """Its address; what is registered before the first request counts."""
    server = make_server(HOST, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
