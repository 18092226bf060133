"""Searching by name: a spelling that is nearly right is good enough, and nothing is found that is not public."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from tests.browser import violations
from tests.geo_service.api.website import serve
from tests.geo_service.support import change, rows


def results(site, tekst):
    answer = site.client.get("/zoeken", params={"q": tekst})
    assert answer.status_code == 200
    page = lxml_html.fromstring(answer.text)
    return [
        (item.xpath("string(a)"), item.xpath("string(a/@href)")) for item in page.xpath("//ul[@class='bs-treffers']/li")
    ]


@pytest.mark.parametrize(
    ("tekst", "naam", "adres"),
    [
        ("Twekelerveld", "Twekkelerveld", "/gebied/BU0153"),
        ("twekkelerveld", "Twekkelerveld", "/gebied/BU0153"),
        ("Stroinksl.", "Stroinkslanden", "/gebied/"),
        ("bothove", "De Bothoven", "/gebied/BU01530003"),
        ("WESSELERBRINK", "Wesselerbrink", "/gebied/"),
        ("noord", "Noord", "/gebied/GM0153-SD-noord"),
        ("enschede", "Enschede", "/gebied/GM0153"),
        ("  wijkwijzer   centrum ", "Wijkwijzer Centrum", "/gebied/BU0153"),
    ],
)
def test_a_name_that_is_nearly_right_is_found(demo, tekst, naam, adres):
    found = results(demo, tekst)
    assert any(naam in own and link.startswith(adres) for own, link in found), found
    assert all(demo.client.get(link).status_code == 200 for _, link in found[:3])


def test_the_best_comes_first(demo):
    assert results(demo, "De Bothoven")[0][0] == "De Bothoven"
    assert "Twekkelerveld" in results(demo, "Twekelerveld")[0][0]


def test_an_alias_leads_to_its_area(copy_of):
    url = copy_of("demo")
    change(url, "insert into publiek.alias values ('GM0153', 'Het Fantasieplein', 'De Bothoven')")
    with serve(url) as site:
        assert results(site, "fantasieplijn") == [("De Bothoven", "/gebied/BU01530003")]
        assert "ook bekend als Het Fantasieplein" in site.client.get("/zoeken?q=fantasieplein").text


@pytest.mark.parametrize("tekst", ["", " ", "x", "qqqqqq", "%", "_", "'; drop table publiek.gebied; --", "\\"])
def test_what_is_not_there_is_said_so(demo, tekst):
    assert results(demo, tekst) == []


def test_a_sensitive_place_is_never_found(demo, demo_url):
    names = rows(demo_url, "select naam, type from intern.voorziening_gevoelig")
    assert names
    public = {naam for (naam,) in rows(demo_url, "select naam from publiek.voorziening")}
    for naam, kind in names:
        assert naam in public or all(naam not in own for own, _ in results(demo, naam))
        assert kind not in demo.client.get("/voorzieningen").text


def test_an_unknown_parameter_is_refused(demo):
    assert demo.client.get("/zoeken?zoek=noord").status_code == 400
    assert demo.client.get("/zoeken", params={"q": "x" * 81}).status_code == 400


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tekst=st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=80))
def test_any_text_is_an_answer(demo, tekst):
    answer = demo.client.get("/zoeken", params={"q": tekst})
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_from_the_head_of_any_page_by_keyboard(visit, demo, size):
    seen = visit(size)
    page = seen.page
    page.goto(f"{demo.address}/uitleg")
    page.get_by_role("searchbox", name="Zoek een gebied of plek").focus()
    page.keyboard.type("Twekelerveld")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Gebieden").wait_for()
    assert violations(page) == []
    page.get_by_role("link", name="Twekkelerveld", exact=True).first.press("Enter")
    page.get_by_role("heading", level=1, name="Twekkelerveld").wait_for()
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    assert seen.errors == []
