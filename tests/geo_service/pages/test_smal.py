"""At 400 % zoom (320 by 256 pixels) nobody scrolls sideways, except inside a table, a map or a piece of code."""

from __future__ import annotations

import pytest

from geo_service.identity import Role, Viewer
from tests.geo_service.api.website import token_of

pytestmark = pytest.mark.browser

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
PUBLIC = (
    "/", "/kaart", "/gebied/GM0153-SD-noord", "/gebied/BU01530300", "/voorzieningen?gebied=BU01530300", "/uitleg",
    "/wijkbrief/GM0153-SD-noord", "/maandagpost",
    "/toegankelijkheid", "/zoeken?q=noord", "/v1/", "/v1/collections", "/v1/collections/voorzieningen",
    "/v1/collections/voorzieningen/items?limit=5", "/v1/collections/voorzieningen/metadata",
    "/v1/collections/voorzieningen/schema", "/v1/conformance", "/v1/openapi.html", "/v1/catalogus",
    "/v1/gebieden/BU01530300/profiel",
    "/plannen/GM0153-SD-noord", "/plannen/bereik?soort=inloop&nieuw=2", "/kaartlaag/meldingen-per-gebied",
)  # fmt: skip
STAFF = (
    "/", "/kaart", "/gebied/GM0153-SD-noord", "/voorzieningen", "/verbeteringen", "/noodtoegang", "/maandagpost",
    "/interventies/demo-interventies/IV-02/terugblik", "/interventies", "/interventies/nieuw", "/plannen/bereik",
)  # fmt: skip
# What sticks out on the right, outside what may scroll, what only a screen reader sees, and what a drawing cuts off.
OUTSIDE = """() => [...document.querySelectorAll('body *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.right > innerWidth + 1 && !element.ownerSVGElement
        && !element.closest('.bs-tabel-vak, .bs-kaart, pre, .bs-onzichtbaar, .bs-overslaan');
}).map(element => `${element.tagName}.${element.className}`)"""


@pytest.mark.parametrize(("viewer", "paths"), [(None, PUBLIC), (NOORD, STAFF)], ids=["publiek", "wijkregisseur"])
def test_no_page_scrolls_sideways(visit, demo, viewer, paths):
    page = visit().page
    page.set_viewport_size({"width": 320, "height": 256})
    if viewer:
        page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(viewer)}")
    for path in paths:
        answer = page.goto(f"{demo.address}{path}")
        assert answer.status == 200, path
        assert (page.evaluate("document.documentElement.scrollWidth"), page.evaluate(OUTSIDE)) == (320, []), path


def test_what_is_too_wide_is_seen(visit, demo):
    page = visit().page
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"{demo.address}/uitleg")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<pre>' + 'x'.repeat(99) + '</pre>')")
    assert page.evaluate("document.documentElement.scrollWidth") > 320
    page.evaluate("document.querySelector('pre').outerHTML = '<svg width=500></svg>'")
    assert len(page.evaluate(OUTSIDE)) == 1
