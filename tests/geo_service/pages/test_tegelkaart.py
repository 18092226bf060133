"""A collection drawn from its own tiles: in the colours of its style, for who may read it, and beside its table."""

from __future__ import annotations

import pytest

from tests.browser import violations
from tests.geo_service.api.website import bearer, token_of, viewers_of

MANAGER = viewers_of("GM0153", "GM0153-SD-noord")["stadsdeelmanager"]
# How many of the looked-at points have been drawn on.
COLOURED = """() => [...document.querySelectorAll('#tegelkaart canvas')].reduce((sum, canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 3; at < data.length; at += 400) sum += data[at] > 0;
    return sum;
}, 0)"""


def test_a_collection_that_one_may_not_read_is_not_there_and_nothing_unknown_is_asked(demo):
    def status(path: str, viewer=None) -> int:
        return demo.client.get(path, headers=bearer(viewer) | {"accept": "text/html"}).status_code

    assert status("/kaartlaag/meldingen") == status("/kaartlaag/nergens") == 404
    assert status("/kaartlaag/meldingen", MANAGER) == status("/kaartlaag/buurten") == 200
    assert status("/kaartlaag/buurten?kleur=rood") == 400


def test_the_page_of_the_tiles_leads_to_it_with_the_same_question(demo):
    page = demo.client.get(
        "/v1/collections/meldingen-per-gebied/tiles?niveau=wijk", headers={"accept": "text/html"}
    ).text
    assert 'href="/kaartlaag/meldingen-per-gebied?niveau=wijk"' in page
    style = "/v1/collections/meldingen-per-gebied/styles/maplibre?niveau=wijk"
    assert style in demo.client.get("/kaartlaag/meldingen-per-gebied?niveau=wijk").text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("collection", "viewer"), [("meldingen-per-gebied", None), ("hotspots", None), ("meldingen", MANAGER)]
)
def test_it_is_drawn_by_the_service_alone(visit, demo, collection, viewer):
    watched = visit()
    page = watched.page
    if viewer:
        page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(viewer)}")
    page.goto(f"{demo.address}/kaartlaag/{collection}")
    page.wait_for_selector("[data-klaar=ja]")
    assert page.evaluate(COLOURED) > 20
    style = demo.get(f"/v1/collections/{collection}/styles/maplibre", viewer).json()
    legend = [line["tekst"] for line in style["metadata"]["buurtsignaal:legenda"]]
    assert page.locator(".bs-tegellegenda li").all_inner_texts() == legend
    assert violations(page) == []
    assert watched.errors == []
    assert [address for address in watched.requests if not address.startswith((demo.address, "data:"))] == []


@pytest.mark.browser
def test_a_click_names_what_is_there_and_without_an_answer_the_table_remains(visit, demo):
    page = visit("telefoon").page
    page.goto(f"{demo.address}/kaartlaag/buurten")
    page.wait_for_selector("[data-klaar=ja]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("#tegelkaart").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    names = {feature["properties"]["gebied_naam"] for feature in demo.features("buurten", limit=100)}
    assert page.locator(".leaflet-popup-content").inner_text() in names
    page.route("**/styles/maplibre*", lambda route: route.abort())
    page.reload()
    page.get_by_text("De kaart tekenen lukte niet.").wait_for()
    assert page.get_by_role("link", name="Dezelfde gegevens als tabel").is_visible()
