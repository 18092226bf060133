"""Where a source on the web may lead to: not into the own network, unless that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler

import pytest

from ingest import adressen
from ingest.adressen import internal_addresses
from ingest.errors import SourceNotFound, SourceRefused
from ingest.kerncijfers import read_kerncijfers
from ingest.meldingen import read_meldingen
from ingest.sources import open_source
from tests.ingest.http_bron import serve, serve_with

CSV = b"a;b\n1;2\n"
# Ways to write an address of the own network.
INSIDE = (
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[2002:7f00:1::]",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "224.0.0.1",
)


@contextmanager
def leading_to(target: str) -> Iterator[str]:
    """A server on 127.0.0.1 that sends everyone on to ``target``; {port} is its own port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/doel.csv":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(CSV)
                return
            self.send_response(302)
            self.send_header("Location", target.replace("{port}", str(self.server.server_address[1])))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test output clean."""

    with serve_with(Handler) as address:
        yield address


def content_of(source: str) -> bytes:
    with open_source(source) as local:
        return local.path.read_bytes()


def test_a_source_of_the_own_network_is_read_when_it_is_given_itself() -> None:
    with serve({"/bron.csv": (200, "text/csv", CSV)}) as address:
        assert content_of(f"{address}/bron.csv") == CSV
    with leading_to("/doel.csv") as address:
        assert content_of(f"{address}/bron.csv") == CSV


@pytest.mark.parametrize("host", INSIDE)
def test_a_source_does_not_lead_into_the_own_network(host: str) -> None:
    with (
        leading_to(f"http://{host}:{{port}}/doel.csv") as address,
        pytest.raises(SourceRefused, match="verwijst door naar een adres in het eigen netwerk"),
    ):
        content_of(f"{address}/bron.csv")


def test_it_may_when_that_is_allowed() -> None:
    with leading_to("http://localhost:{port}/doel.csv") as address, internal_addresses(True):
        assert content_of(f"{address}/bron.csv") == CSV


def test_a_name_that_changes_its_mind_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was somewhere outside when we looked, and inside when we came."""
    monkeypatch.setattr(adressen, "_resolve", lambda _: ["93.184.216.34"])
    with (
        leading_to("http://localhost:{port}/doel.csv") as address,
        pytest.raises(SourceRefused, match="eigen netwerk"),
    ):
        content_of(f"{address}/bron.csv")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "//localhost/x"])
def test_a_source_leads_to_the_web_only(target: str) -> None:
    with leading_to(target) as address, pytest.raises(SourceRefused):
        content_of(f"{address}/bron.csv")


def test_a_source_does_not_lead_round_and_round() -> None:
    with leading_to("/weer.csv") as address, pytest.raises(SourceNotFound):
        content_of(f"{address}/bron.csv")


@pytest.mark.parametrize("source", ["file:///etc/passwd", "ftp://127.0.0.1/x.csv", "gopher://x/y", "FILE://x"])
def test_only_files_and_the_web_are_sources(source: str) -> None:
    with pytest.raises(SourceRefused, match="Alleen adressen met http of https"):
        content_of(source)


def test_every_reader_of_the_web_is_guarded() -> None:
    with leading_to("http://localhost:{port}/doel.csv") as address:
        with pytest.raises(SourceRefused, match="eigen netwerk"):
            read_meldingen(f"{address}/bron.csv", today=date(2026, 1, 1))
        with pytest.raises(SourceRefused, match="eigen netwerk"):
            list(read_kerncijfers(f"{address}/bron.csv", jaar=2024))
