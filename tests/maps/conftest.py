"""A real Chromium and a tiny server with a strict content security policy, for the tests marked browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from maps.assets import STATIC
from tests.maps.paginas import NONCE

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
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


def skip_aloud(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@cache
def axe_source() -> str:
    if not AXE.exists():
        skip_aloud("axe-core ontbreekt: npm ci")
    return AXE.read_text(encoding="utf-8")


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        skip_aloud(f"Chromium ontbreekt: {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page with everything that went wrong on it and every request it made."""

    page: Page
    errors: list[str]
    requests: list[str]


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL", bypass_csp=False)
    page = context.new_page()
    found = Watched(page, [], [])
    page.on(
        "console",
        lambda message: found.errors.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    yield found
    context.close()
