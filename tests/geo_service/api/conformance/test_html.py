"""OGC API – Features Part 1: HTML. What the pages look like is tested with the pages."""

from __future__ import annotations

import pytest

from tests.geo_service.api.website import items_of

PATHS = [
    "/v1/",
    "/v1/conformance",
    "/v1/collections",
    "/v1/collections/buurten",
    "/v1/collections/buurten/schema",
    "/v1/collections/buurten/queryables",
    items_of("buurten"),
    f"{items_of('buurten')}/BU01530000",
]


@pytest.mark.parametrize("path", PATHS)
def test_req_html_definition(demo, path):
    """Every resource has a page, for who asks for one by f or by Accept."""
    for answer in (demo.get(path, f="html"), demo.get(path, headers={"Accept": "text/html,*/*;q=0.8"})):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert '<html lang="nl"' in answer.text


def test_req_html_content(demo):
    """All that the document tells is on the page: every feature, with its id."""
    page = demo.get(items_of("buurten"), f="html", limit=10).text
    for feature in demo.features("buurten", limit=10):
        assert feature["id"] in page
        assert f"/items/{feature['id']}" in page
