"""The page that explains one number: the API's number, why it is shown or not, and no more than the map tells."""

from __future__ import annotations

import re

import pytest
from lxml import html as lxml_html

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.website import bearer
from tests.geo_service.pages.kaartlezer import open_map, text
from tests.geo_service.support import rows

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
MANAGER = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}))
ASSEN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
CASES = {
    "demo, publiek": ("demo", None, ""),
    "demo, wijkregisseur, maand": ("demo", NOORD, "?periode=2026-05&categorie=afval"),
    "demo, deels gedekt": ("demo", None, "?bron=buurtbemiddeling&niveau=wijk&periode=2025"),
    "assen, publiek": ("assen", None, ""),
    "assen, manager": ("assen", ASSEN, "?niveau=wijk"),
}
NAMES = ("aantal", "noemer", "per_1000", "laag", "hoog", "status", "dekking")


@pytest.fixture
def site(request):
    return request.getfixturevalue(request.param)


def answer_of(site, path, viewer=None):
    return site.client.get(path, headers={"accept": "text/html", **bearer(viewer)})


def read(site, path, viewer=None):
    answer = answer_of(site, path, viewer)
    assert answer.status_code == 200, answer.text[:500]
    return lxml_html.fromstring(answer.text)


def figure_of(page):
    """The values of the page, raw; what a figure without a value does not have is empty."""
    found = {part.get("data-veld"): part.get("data-waarde") for part in page.xpath("//*[@data-veld]")}
    return {name: found.get(name, "") for name in NAMES}


@pytest.mark.parametrize(("site", "viewer", "query"), CASES.values(), ids=CASES, indirect=["site"])
def test_every_number_of_the_map_leads_to_the_same_number_of_the_api(site, viewer, query):
    """One of every status, and some more."""
    page = read(site, f"/kaart{query}", viewer)
    links = page.xpath("//table[@id='bs-tabel']//a[@class='bs-hoe']/@href")
    codes = page.xpath("//table[@id='bs-tabel']/tbody/tr/@data-gebied-code")
    assert len(links) == len(codes) > 5
    assert [link.rpartition("=")[2] for link in links] == codes
    statuses = page.xpath("//table[@id='bs-tabel']/tbody/tr/@data-status")
    chosen = {statuses.index(status) for status in set(statuses)} | set(range(0, len(codes), 17))
    asked = dict(part.split("=") for part in links[0].partition("?")[2].split("&"))
    question = {name: value for name, value in asked.items() if name not in ("gebied", "laag")}
    api = {
        f["properties"]["gebied_code"]: f["properties"]
        for f in site.features("meldingen-per-gebied", viewer, **question)
    }
    for at in sorted(chosen):
        own = api[codes[at]]
        told = read(site, links[at], viewer)
        assert figure_of(told) == {name: text(own[name]) for name in NAMES}
        assert own["herkomst"] in told.text_content()


def test_the_calculation_can_be_followed(demo):
    """84 by 2 635 is what the page says that it is."""
    page = read(demo, "/getal?niveau=gemeente&gebied=GM0153&periode=2025&bron=signalen-openbare-ruimte", MANAGER)
    figure = figure_of(page)
    rate = float(figure["aantal"]) / float(figure["noemer"]) * 1000
    assert float(figure["per_1000"]) == pytest.approx(rate, abs=0.001)
    steps = page.xpath("//ol[@class='bs-rekenstap']/li")
    assert [step.text_content().split(".")[0] for step in steps] == ["Tellen", "Vergelijken", "Toeval meewegen"]
    low, high = re.search(r"niveau van ([\d.,]+) tot ([\d.,]+)", steps[2].text_content()).groups()
    counts = [float(part.replace(".", "").replace(",", ".")) for part in (low, high)]
    per = float(figure["noemer"]) / 1000
    assert counts == pytest.approx([float(figure["laag"]) * per, float(figure["hoog"]) * per], abs=0.1)
    assert "U ziet elk aantal" in page.text_content()


def test_what_is_hidden_looks_the_same_whatever_it_is(demo, demo_url):
    """Pages of hidden figures differ in the name, the code and the public denominator of their area, and in no more."""
    query = (
        "select c.gebied_code, g.naam, c.aantal from intern.cijfer c join publiek.gebied g on g.code = c.gebied_code "
        "and g.gemeente_code = c.gemeente_code where c.gemeente_code = 'GM0153' and c.niveau = 'buurt' "
        "and c.categorie = 'alle' and c.bron = 'signalen-openbare-ruimte' and c.periode = '2026-Q2' and not c.openbaar "
        "order by c.aantal"
    )
    hidden = rows(demo_url, query)
    assert len({count for *_, count in hidden}) > 3
    told = set()
    for code, name, count in (hidden[0], hidden[len(hidden) // 2], hidden[-1]):
        path = f"/getal?bron=signalen-openbare-ruimte&periode=2026-Q2&gebied={code}"
        page = read(demo, path)
        assert figure_of(page)["status"] == "onderdrukt"
        assert figure_of(page)["aantal"] == figure_of(page)["per_1000"] == ""
        assert "Welke van de twee" in page.text_content()
        (noemer,) = page.xpath("//*[@data-veld='noemer']")
        noemer.getparent().remove(noemer)
        for script in page.xpath("//script"):
            script.getparent().remove(script)
        told.add(
            lxml_html.tostring(page, encoding="unicode")
            .replace(code, "X")
            .replace(name, "X")
            .replace(name.lower(), "X")
        )
        assert answer_of(demo, path, MANAGER).text.count(f'data-veld="aantal" data-waarde="{count}"') == 1
    assert len(told) == 1


def test_numbers_of_an_area_lead_on_as_well(demo):
    for viewer in (None, NOORD):
        page = read(demo, "/gebied/GM0153-SD-noord", viewer)
        links = page.xpath("//a[@class='bs-hoe']")
        assert len(links) > 40
        seen = set()
        for link in links[:: len(links) // 8]:
            told = read(demo, link.get("href"), viewer)
            figure = figure_of(told)
            shown = link.text_content().strip()
            assert shown in (
                told.xpath("//*[@data-veld='aantal']")[0].text_content().lower(),
                shown if not figure["aantal"] else "",
            )
            assert link.get("aria-label").startswith(f"{shown}: hoe komt dit getal tot stand")
            seen.add("laag=bezoeken" in link.get("href"))
        assert seen == {False, True}


@pytest.mark.parametrize(
    ("asked", "status"),
    [("", 400), ("gebied=BU9", 400), ("gebied=BU01530000&periode=2026-05", 400), ("gebied=x&laag=alles", 400),
     ("gebied=BU01530000&gemeente=GM0001", 400), ("gebied=buiten", 400), ("gebied=BU01530000&onzin=1", 400)],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_page_that_says_so(demo, asked, status):
    answer = answer_of(demo, f"/getal?{asked}")
    assert answer.status_code == status
    assert "Foutcode" in answer.text


@pytest.mark.parametrize(
    "viewer", [Viewer(Role.BEHEERDER), Viewer(Role.GEGEVENSBEHEERDER)], ids=["beheerder", "gegevens"]
)
def test_who_sees_no_figures_has_none_explained(demo, viewer):
    assert answer_of(demo, "/getal?gebied=BU01530000", viewer).status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_by_keyboard_from_a_card_to_the_explanation(visit, demo, size):
    watched = visit(size)
    page = open_map(watched, demo, "?niveau=wijk")
    page.locator("path.bs-gebied").first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".bs-kaartje-hoe")
    link.wait_for()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/getal?**")
    assert page.locator("h1").inner_text() == "Hoe komt dit getal tot stand?"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert watched.errors == []
