"""Two periods and two areas side by side: each figure is that of the API, and a difference is told in words only."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from lxml import html as lxml_html

from geo_service.identity import Viewer
from maps.verschil import KLASSEN
from tests.browser import violations
from tests.geo_service.api.website import Website, bearer, token_of, viewers_of

GEMEENTE = "GM0153"
ROLES = viewers_of(GEMEENTE, f"{GEMEENTE}-SD-noord")
REGISSEUR = ROLES["wijkregisseur"]
BRON = "signalen-openbare-ruimte"


def ask(site: Website, path: str, viewer: Viewer | None = None, **asked: str):
    address = f"{path}?{urlencode(asked)}" if asked else path
    answer = site.client.get(address, headers=bearer(viewer) | {"accept": "text/html"})
    return answer.status_code, lxml_html.fromstring(answer.text)


def chosen(page, name: str) -> str:
    (found,) = page.xpath(f"//select[@name='{name}']/option[@selected]/@value")
    return found


@pytest.mark.parametrize("viewer", [None, REGISSEUR], ids=["publiek", "wijkregisseur"])
@pytest.mark.parametrize("asked", [{}, {"niveau": "stadsdeel"}, {"thema": "bezoeken", "niveau": "wijk"}], ids=str)
def test_both_periods_are_those_of_the_api(demo, viewer, asked):
    status, page = ask(demo, "/vergelijken", viewer, **asked)
    assert status == 200
    collection = "bezoeken-per-gebied" if asked.get("thema") == "bezoeken" else "meldingen-per-gebied"
    told = {
        row.get("data-gebied-code"): {cell.get("data-kolom"): cell.get("data-waarde") for cell in row.xpath("td")}
        for row in page.xpath("//table[@id='bs-tabel']//tr[@data-gebied-code]")
    }
    question = {name: chosen(page, name) for name in ("niveau", "bron", "categorie", "noemer")}
    for slug, name in (("nu", "periode"), ("toen", "met")):
        found = demo.features(collection, viewer, **question, periode=chosen(page, name), limit=500)
        figures = {f["properties"]["gebied_code"]: f["properties"] for f in found}
        assert set(told) <= set(figures)
        assert len(told) > 3
        for code, cells in told.items():
            for column in ("aantal", "per_1000"):
                value = figures[code][column]
                assert cells[f"{slug}-{column}"] == ("" if value is None else str(value)), (code, slug)


def test_without_a_choice_it_is_the_same_period_a_year_before(demo):
    _, page = ask(demo, "/vergelijken", REGISSEUR)
    now, then = chosen(page, "periode"), chosen(page, "met")
    assert then == f"{int(now[:4]) - 1}{now[4:]}"


def test_a_difference_is_told_where_both_can_be_and_nowhere_else(demo):
    _, page = ask(demo, "/vergelijken")
    seen = set()
    for row in page.xpath("//table[@id='bs-tabel']//tr[@data-gebied-code]"):
        counts = [cell.get("data-waarde") for cell in row.xpath("td[contains(@data-kolom, 'aantal')]")]
        both, klasse = all(counts), row.get("data-klasse")
        assert bool(klasse) == both == bool(row.get("data-verhouding"))
        words = row.xpath("string(td[@data-kolom='verschil'])")
        assert KLASSEN[klasse][0] in words if klasse else "Niet te vergelijken" in words
        seen.add(klasse)
    assert {"", "gelijk"} <= seen
    # By name, never by how much.
    names = page.xpath("//table[@id='bs-tabel']//tr[@data-gebied-code]/th//text()")
    names = [name.casefold() for name in map(str.strip, names) if name]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"met": "2025"}, "kies net als hiernaast een kwartaal"),
        ({"met": "gisteren"}, "geen periode"),
        ({"met": "2025-01"}, "kies net als hiernaast een kwartaal"),
        ({"thema": "wonen"}, "Kies uit"),
    ],
)
def test_what_cannot_be_compared_is_told(demo, asked, said):
    status, page = ask(demo, "/vergelijken", periode="2026-Q3", **asked)
    assert status == 400
    assert said.lower() in page.text_content().lower()


def test_a_trend_break_is_no_difference(demo, demo_url, copy_of):
    from tests.geo_service.api.website import serve
    from tests.geo_service.support import change

    url = copy_of("demo")
    change(
        url,
        "insert into publiek.trendbreuk (gemeente_code, bron, datum, reden) "
        "values (%s, %s, '2026-05-01', 'Nieuw systeem')",
        GEMEENTE, BRON,
    )  # fmt: skip
    with serve(url) as site:
        _, page = ask(site, "/vergelijken", bron=BRON, niveau="stadsdeel", periode="2026-Q3", met="2026-Q1")
    rows = page.xpath("//table[@id='bs-tabel']//tr[@data-gebied-code]")
    assert rows
    for row in rows:
        assert row.get("data-klasse") == ""
        assert "Trendbreuk: 1 mei 2026: Nieuw systeem" in row.text_content()


def test_two_areas_are_each_as_on_their_own_page(demo):
    codes = (f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-zuid")
    _, page = ask(demo, "/vergelijken/gebieden", REGISSEUR, een=codes[0], ander=codes[1])
    profiles = [demo.get(f"/v1/gebieden/{code}/profiel", REGISSEUR).json() for code in codes]
    tables = page.xpath("//section[contains(@class, 'bs-blok')]//table[.//tr[@data-categorie]]")
    assert len(tables) == len(profiles[0]["meldingen"]) + len(profiles[0]["bezoeken"])
    compared = 0
    for table, *sources in zip(tables, *(p["meldingen"] + p["bezoeken"] for p in profiles), strict=True):
        for row in table.xpath(".//tr[@data-categorie]"):
            cells = [cell.text.strip() for cell in row.xpath("td")]
            for at, source in enumerate(sources):
                found = {figure["categorie"]: figure for figure in source["per_categorie"]} | {"alle": source["totaal"]}
                count = found[row.get("data-categorie")]["aantal"]
                if count is not None:
                    assert cells[2 * at] == f"{count:,}".replace(",", ".")
                    compared += 1
    assert compared > 30


@pytest.mark.parametrize("asked", [{}, {"een": f"{GEMEENTE}-SD-noord"}])
def test_without_two_areas_it_says_what_to_do(demo, asked):
    status, page = ask(demo, "/vergelijken/gebieden", **asked)
    assert (status, "kies een gebied" in page.text_content()) == (400, True)


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_no_accessibility_rule_is_broken(visit, demo, size):
    seen = visit(size)
    seen.page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(REGISSEUR)}")
    for path in ("/vergelijken?niveau=wijk", f"/vergelijken/gebieden?een={GEMEENTE}-SD-noord&ander={GEMEENTE}-SD-zuid"):
        seen.page.goto(demo.address + path)
        assert violations(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.errors == []
