"""Signalen's paging: the next page stands in the Link header only."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ingest.errors import SourceNotFound, SourceUnreadable
from ingest.meldingen import read_meldingen
from tests.ingest.test_meldingen import collection, feature

PATH = "/signals/v1/public/signals/geography"


@contextmanager
def signalen(pages, link=None):
    """Serve pages of features as Signalen does; link overrides the address of the next page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            number = int(self.path.partition("geopage=")[2] or 1)
            if number > len(pages):
                self.send_error(404)
                return
            body = json.dumps(collection(*pages[number - 1])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/geo+json")
            if number < len(pages) or link:
                address = link or f"http://{self.headers['Host']}{PATH}?bbox=1&geopage={number + 1}"
                self.send_header("Link", f'<{address}>; rel="next"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PATH}?bbox=1"
    finally:
        server.shutdown()
        server.server_close()


def lines_of(url, **options):
    with read_meldingen(url, today=date(2026, 8, 10), **options) as source:
        batches = list(source.batches)
    return [line for batch in batches for line in batch.records["line"]], sum(batch.read for batch in batches)


def test_all_pages_are_read_and_records_numbered_through():
    pages = [[feature(point=(6.5 + page / 10, 53 + row / 10)) for row in range(3)] for page in range(3)]
    with signalen(pages) as url:
        assert lines_of(url) == (list(range(1, 10)), 9)


def test_one_page_is_enough():
    with signalen([[feature()]]) as url:
        assert lines_of(url) == ([1], 1)


def test_a_page_on_another_server_is_refused():
    with (
        signalen([[feature()]], link="http://192.0.2.1/signals") as url,
        pytest.raises(SourceUnreadable, match="andere server"),
    ):
        lines_of(url)


def test_pages_in_a_circle_are_refused():
    with (
        signalen([[feature()]], link=f"{PATH}?bbox=1") as url,
        pytest.raises(SourceUnreadable, match="kring"),
    ):
        lines_of(url)


def test_a_missing_page_refuses_the_whole():
    with (
        signalen([[feature()]], link=f"{PATH}?bbox=1&geopage=2") as url,
        pytest.raises(SourceNotFound, match="404"),
    ):
        lines_of(url)
