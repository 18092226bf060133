"""The list of places: those of the API, narrowed by what was chosen."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from lxml import html as lxml_html

from geo_service.domain.openingstijden import is_open
from geo_service.pages import voorzieningen
from geo_service.pages.voorzieningen import AMSTERDAM
from tests.browser import violations
from tests.geo_service.api.website import serve
from tests.geo_service.release.dorp import load_dorp
from tests.geo_service.support import rows


def listed(site, **question):
    """Name -> cells of its row."""
    answer = site.client.get("/voorzieningen", params=question)
    assert answer.status_code == 200, answer.text[:300]
    page = lxml_html.fromstring(answer.text)
    found = []
    for row in page.xpath("//table//tbody/tr"):
        cells = [re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row]
        found.append((row[0].text.strip(), *cells[1:]))
    return found


def api(site):
    """The places of the API that are valid today."""
    found = []
    for collection in ("voorzieningen", "wijkwijzers"):
        features = site.get(f"/v1/collections/{collection}/items", limit=1000).json()["features"]
        found += [feature["properties"] for feature in features]
    today = f"{datetime.now(AMSTERDAM):%Y-%m-%d}"
    return [place for place in found if (place["geldig_tot"] or "9999") >= today]


@pytest.mark.parametrize("which", ["demo"])
def test_all_places_of_the_api_by_name(request, which):
    site = request.getfixturevalue(which)
    told = [row[0] for row in listed(site)]
    assert sorted(told) == sorted(place["naam"] for place in api(site))
    assert len(told) > 100


def test_one_type_in_one_stadsdeel(demo, demo_url):
    chosen = listed(demo, type="buurthuis", gebied="GM0153-SD-noord")
    expected = rows(
        demo_url,
        "select v.naam from publiek.voorziening v join publiek.indeling i on i.buurt_code = v.buurt_code "
        "and i.gemeente_code = v.gemeente_code and i.gebied_code = 'GM0153-SD-noord' and i.jaar = 2021 "
        "where v.type = 'buurthuis' and coalesce(v.geldig_tot, 'infinity') >= current_date order by 1",
    )
    assert [row[0] for row in chosen] == [naam for (naam,) in expected] != []
    assert {row[1] for row in chosen} == {"buurthuis"}


def test_the_nearest_first_with_the_way_on_foot(demo, demo_url):
    chosen = listed(demo, gebied="BU01530300", volgorde="afstand")
    told = [(row[0], row[-1]) for row in chosen]
    near = rows(
        demo_url,
        "select p.naam, round(1.3 * st_distance(p.geom, st_pointonsurface(g.geom)) / 50) * 50 as lopen from "
        "(select naam, buurt_code, geom from publiek.voorziening union all select naam, buurt_code, geom "
        "from publiek.wijkwijzer) p join publiek.gebied g on g.code = 'BU01530300' and g.jaar = 2021 "
        "where p.buurt_code = 'BU01530300' order by 2, 1",
    )
    assert told == [(naam, f"{int(lopen):,} m".replace(",", ".")) for naam, lopen in near] != []
    assert [row[0] for row in listed(demo, gebied="BU01530300")] == sorted(row[0] for row in chosen)
    assert len(listed(demo, gebied="", volgorde="afstand")) == len(listed(demo))


def test_one_leefgebied(demo):
    expected = [place["naam"] for place in api(demo) if place.get("leefgebied") == "Werk en Inkomen"]
    assert sorted(row[0] for row in listed(demo, leefgebied="Werk en Inkomen")) == sorted(expected) != []


def test_what_is_open_now_is_open_now(demo, monkeypatch):
    tuesday = datetime(2026, 11, 24, 14, 0, tzinfo=AMSTERDAM)

    class Still(datetime):
        @classmethod
        def now(cls, tz=None):
            return tuesday.astimezone(tz)

    monkeypatch.setattr(voorzieningen, "datetime", Still)
    told = {row[0] for row in listed(demo, open="nu")}
    assert told == {place["naam"] for place in api(demo) if is_open(place["openingstijden"], tuesday)}
    assert 0 < len(told) < len(api(demo))
    shown = {row[2].rsplit(" ", 1)[-1] for row in listed(demo)}
    assert shown <= {"open", "dicht", "bekend"}


def test_an_empty_choice_in_the_form_is_everything(demo):
    assert listed(demo, type="", gebied="", open="") == listed(demo)


WRONG = [{"type": "kasteel"}, {"gebied": "BU99"}, {"open": "straks"}, {"kleur": "rood"}, {"leefgebied": "x"}]


@pytest.mark.parametrize("question", WRONG)
def test_a_wrong_choice_is_refused_by_name(demo, question):
    answer = demo.client.get("/voorzieningen", params=question)
    assert answer.status_code == 400
    assert next(iter(question)) in answer.text


def test_without_a_source_nobody_says_that_there_are_none(new_database, migrated):
    url = load_dorp(new_database(migrated))
    with serve(url) as site:
        text = site.client.get("/voorzieningen").text
    assert "Er is nog geen bron van voorzieningen geladen" in text
    assert "0 van 0" not in text


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_choosing_by_keyboard_and_no_accessibility_rule_is_broken(visit, demo, size):
    seen = visit(size)
    page = seen.page
    page.goto(f"{demo.address}/voorzieningen")
    page.wait_for_selector(".bs-kaart[data-klaar]")
    assert violations(page) == []
    page.get_by_label("Soort").select_option("buurthuis")
    page.get_by_role("button", name="Toon", exact=True).press("Enter")
    page.wait_for_url("**type=buurthuis**")
    assert set(page.locator("tbody td:nth-child(2)").all_inner_texts()) == {"buurthuis"}
    # The map has the places of the table, and their cards open with a key.
    page.wait_for_selector(".bs-kaart[data-klaar]")
    counts = page.locator(".bs-kaart .bs-tros [aria-hidden]").all_inner_texts()
    alone = page.locator(".bs-kaart .bs-symbool-voorzieningen").count()
    assert sum(map(int, counts)) + alone == page.locator("tbody tr").count() > 0
    page.get_by_label("Gebied", exact=True).select_option("BU01530300")
    page.get_by_label("Soort").select_option("")
    page.get_by_role("button", name="Toon", exact=True).press("Enter")
    page.wait_for_url("**gebied=BU01530300**")
    page.wait_for_selector(".bs-kaart[data-klaar]")
    page.locator(".bs-kaart .bs-symbool-wijkwijzers").first.press("Enter")
    name = page.locator(".leaflet-popup h2").inner_text()
    assert name in page.locator("tbody th").filter(has_text=name).first.inner_text()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.errors == []
