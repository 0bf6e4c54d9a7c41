"""A collector of traces on loopback: takes OTLP over HTTP and keeps the spans."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    def __init__(self):
        self._lock = threading.Lock()
        self._spans = []
        self.bodies = []

    @property
    def spans(self):
        """Each with `name`, `trace`, `span`, `parent`, `process` and `about`."""
        with self._lock:
            return list(self._spans)

    def take(self, body):
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            self.bodies.append(body)
            for part in request.resource_spans:
                resource = {one.key: one.value.string_value for one in part.resource.attributes}
                for scope in part.scope_spans:
                    self._spans += [_told(span, resource) for span in scope.spans]


def _told(span, resource):
    return {
        "name": span.name,
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "process": resource["service.instance.id"],
        "about": {one.key: one.value for one in span.attributes},
    }


@contextmanager
def collecting():
    """Yields the collector and its endpoint."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            collector.take(body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
