"""The page of reach: its numbers are those of the API, and a choice on the map is answered within a second."""

from __future__ import annotations

import re

import pytest
from lxml import html as lxml_html

from tests.browser import violations
from tests.geo_service.api.website import serve
from tests.geo_service.release.dorp import load_dorp

DRAWN = ".bs-kaart[data-klaar]"


def asked(site, **question):
    answer = site.client.get("/plannen/bereik", params=question)
    assert answer.status_code == 200, answer.text[:300]
    return lxml_html.fromstring(answer.text)


def table(page):
    return {row.get("data-gebied-code"): row for row in page.xpath("//table[@id='bs-tabel']/tbody/tr")}


def told(element):
    return re.sub(r"\s+", " ", element.text_content()).strip()


def test_dwellings_and_places_are_those_of_the_api(demo):
    features = demo.get("/v1/collections/woningvoorraad/items", niveau="buurt", limit=1000).json()["features"]
    page = asked(demo, soort="buurthuis")
    shown = {code: row.get("data-woningen") for code, row in table(page).items()}
    numbers = {f["properties"]["gebied_code"]: f["properties"]["woningvoorraad"] for f in features}
    assert shown == {code: "" if n is None else str(float(n)) for code, n in numbers.items()}
    places = demo.get("/v1/collections/voorzieningen/items", filter="type = 'buurthuis'", limit=1000).json()["features"]
    today = [f["properties"] for f in places if f["properties"]["zonder_verwijzing"] is not False]
    listed = [option.text for option in page.xpath("//select[@name='sluit']/option")[1:]]
    assert set(listed) <= {place["naam"] for place in today}
    ended = {place["naam"] for place in today} - set(listed)
    assert ended == {place["naam"] for place in today if (place["geldig_tot"] or "9999") < "2026-11-01"}
    names = [told(row[0]) for row in table(page).values()]
    assert names == sorted(names, key=str.casefold)


def test_the_whole_is_the_sum_of_its_buurten(demo):
    page = asked(demo, soort="inloop", gebied="GM0153-SD-noord")
    rows = table(page).values()
    homes = [float(row.get("data-woningen") or 0) for row in rows]
    shares = [float(row.get("data-deel-na")) for row in rows]
    (whole,) = page.xpath("//@data-deel-woningen")
    assert float(whole) == pytest.approx(sum(n * share for n, share in zip(homes, shares, strict=True)) / sum(homes))


def test_the_page_says_what_it_does_not_know(demo):
    text = told(asked(demo))
    for words in (
        "Er is geen stratennetwerk geladen", "maal 1,3", "niet waar in de buurt", "capaciteit onbekend",
        "Plekken buiten de gemeente kennen wij niet",
    ):  # fmt: skip
        assert words in text


def test_new_places_and_those_as_good(demo):
    page = asked(demo, soort="inloop", nieuw=2, gebied="GM0153-SD-noord")
    choices = page.xpath("//li[@data-keuze]")
    shares = [float(choice.get("data-deel-na")) for choice in choices]
    assert shares == sorted(shares, reverse=True)
    assert told(choices[0]).startswith("Deze plekken brengen het meeste binnen bereik")
    assert all(told(choice).startswith("Even goed: in plaats van") for choice in choices[1:])


WRONG = [
    {"soort": "kasteel"}, {"minuten": "7"}, {"nieuw": "6"}, {"open": "ooit"}, {"gewicht": "x"}, {"gebied": "BU1"},
    {"sluit": "a/b/c"}, {"erbij": "hier"}, {"kleur": "rood"},
]  # fmt: skip


@pytest.mark.parametrize("question", WRONG)
def test_a_wrong_choice_is_refused_by_name(demo, question):
    answer = demo.client.get("/plannen/bereik", params=question)
    assert answer.status_code == 400
    assert next(iter(question)) in answer.text


def test_without_a_source_nobody_says_that_there_are_no_places(new_database, migrated):
    url = load_dorp(new_database(migrated))
    with serve(url) as site:
        text = site.client.get("/plannen/bereik").text
    assert "Er is nog geen bron van voorzieningen of wijkwijzers geladen" in text
    assert "%" not in re.sub(r"<[^>]+>", "", text.partition("<main")[2].partition("</main>")[0])


@pytest.mark.browser
def test_closing_and_adding_by_map_and_by_keyboard(visit, demo):
    seen = visit("scherm")
    page = seen.page
    page.goto(f"{demo.address}/plannen/bereik")
    page.wait_for_selector(DRAWN)
    assert violations(page) == []
    # By key: a place on the map, and what its card offers.
    page.locator(".bs-kaart .bs-symbool-bereikbaar").first.press("Enter")
    name = page.locator(".leaflet-popup h2").inner_text()
    page.evaluate("window.zelfde = true; window.begin = performance.now()")
    page.get_by_role("button", name="Wat als deze plek sluit?").press("Enter")
    page.wait_for_function("() => document.querySelector('[data-wat-als]') && document.querySelector('[data-klaar]')")
    assert page.evaluate("performance.now() - window.begin") < 1000
    assert f"{name} sluit." in page.locator("[data-wat-als]").inner_text()
    assert page.locator("[data-wat-als] tbody tr").count() > 0
    assert page.get_by_label("Wat als deze plek sluit?").locator("option:checked").inner_text() == name
    # By pointer: a place where the map was clicked.
    page.locator(".bs-kaart path.bs-gebied").nth(30).click()
    page.get_by_role("button", name="Wat als hier een plek bij komt?").click()
    page.wait_for_function("() => document.querySelector('[data-wat-als]')?.innerText.includes('verhuist naar')")
    page.wait_for_selector(DRAWN)
    assert (
        page.get_by_label("Wat als er een plek bij komt?").locator("option:checked").inner_text().startswith("Uw punt")
    )
    assert page.evaluate("window.zelfde")
    # The address says it all.
    address = page.url
    told_here = page.locator("[data-wat-als]").inner_text()
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(DRAWN)
    assert page.locator("[data-wat-als]").inner_text() == told_here
    assert violations(page) == []
    assert {url for url in seen.requests if not url.startswith((demo.address, "about:"))} == set()
    assert seen.errors == []


@pytest.mark.browser
def test_on_a_telephone_with_new_places(visit, demo):
    seen = visit("telefoon")
    page = seen.page
    page.goto(f"{demo.address}/plannen/bereik?soort=inloop&nieuw=3")
    page.wait_for_selector(DRAWN)
    assert page.locator(".bs-kaart .bs-symbool-voorstel").count() == 3
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert seen.errors == []
