"""A tiny server with a strict content security policy, for the tests marked browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maps.assets import STATIC
from tests.browser import chromium, visitors, watched
from tests.maps.paginas import NONCE

__all__ = ["chromium", "visitors", "watched"]

POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass
class Site:
    """Pages by path; `address` is where they are served."""

    address: str
    pages: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            asset = STATIC / path.removeprefix("/statisch/")
            if path in pages:
                self._answer(200, "text/html; charset=utf-8", pages[path].encode())
            elif path.startswith("/statisch/") and asset.is_file():
                self._answer(200, KINDS[asset.suffix], asset.read_bytes())
            else:
                self._answer(404, "text/plain", b"")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the test reports what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", pages)
    server.shutdown()
    thread.join()
    server.server_close()
