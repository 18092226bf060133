"""Looking back on an action: every count is the API's for the same viewer, and nobody else gets the page."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.website import Website, bearer, token_of, viewers_of

GEMEENTE, BRON = "GM0153", "signalen-openbare-ruimte"
NOORD, OOST = f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-oost"
ROLES = viewers_of(GEMEENTE, NOORD)
MANAGER, REGISSEUR = ROLES["stadsdeelmanager"], ROLES["wijkregisseur"]
OF_OOST = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({OOST}))
# In stadsdeel Noord, on the borders of Centrum and West; and in Oost.
VERPLAATST, GESLAAGD, EETTAFEL = "IV-02", "IV-01", "IV-05"


def address(sleutel: str) -> str:
    return f"/interventies/demo-interventies/{sleutel}/terugblik"


def ask(site: Website, sleutel: str, viewer: Viewer | None, query: str = ""):
    answer = site.client.get(f"{address(sleutel)}{query}", headers=bearer(viewer) | {"accept": "text/html"})
    return answer.status_code, lxml_html.fromstring(answer.text)


def verdict(page) -> tuple[str, str]:
    (found,) = page.xpath("//*[@data-oordeel]")
    return found.get("data-oordeel"), found.get("data-reden")


def chosen(page, name: str) -> str:
    (found,) = page.xpath(f"//select[@name='{name}']/option[@selected]/@value")
    return found


def by_name(site: Website, viewer: Viewer, periode: str, **question: str) -> dict[str, int | None]:
    """What the API says of each buurt, by its name."""
    found = site.features("meldingen-per-gebied", viewer, niveau="buurt", limit=500, periode=periode, **question)
    return {feature["properties"]["gebied_naam"]: feature["properties"]["aantal"] for feature in found}


def expected_sums(page, api, periods) -> dict[str, tuple[int, int]]:
    """Per arm on the page what the API counts in its buurten, before and after."""
    sums = {}
    arms = page.xpath("//table[caption[@id='cijfers-tabel']]//tr[@data-arm]")
    names = page.xpath("//table[caption[@id='rollen-tabel']]/tbody/tr/td")
    for row, cell in zip(arms, names, strict=True):
        # A name may hold a comma itself.
        text = cell.text_content()
        own = [name for name in api[periods[0][0]] if f", {name}, " in f", {text}, "]
        assert len(own) == int(row.xpath("td")[0].text_content())
        counts = [[api[period][name] for period in span for name in own] for span in periods]
        assert None not in counts[0] + counts[1], own
        sums[row.get("data-arm")] = (sum(counts[0]), sum(counts[1]))
    return sums


@pytest.mark.parametrize("viewer", [MANAGER, REGISSEUR], ids=["alle stadsdelen", "stadsdeel noord"])
def test_every_figure_is_the_api_s_for_the_same_viewer(demo, viewer):
    status, page = ask(demo, VERPLAATST, viewer)
    assert status == 200
    shown = {row.get("data-periode"): row.xpath("td/@data-aantal")[0] for row in page.xpath("//tr[@data-periode]")}
    # A year on each side of 1 July 2025, in months or in quarters.
    codes = sorted(shown)
    begin = next(at for at, code in enumerate(codes) if code in ("2025-07", "2025-Q3"))
    year = 4 if "Q" in codes[0] else 12
    periods = [codes[begin - year : begin], codes[begin : begin + year]]
    question = {"bron": BRON, "categorie": "openbare-ruimte"}
    api = {code: by_name(demo, viewer, code, **question) for code in (*periods[0], *periods[1])}
    told = {
        row.get("data-arm"): (int(row.xpath("td/@data-voor")[0]), int(row.xpath("td/@data-na")[0]))
        for row in page.xpath("//tr[@data-arm]")
    }
    assert told == expected_sums(page, api, periods)
    assert {"aanpak", "vergelijk"} <= set(told)
    for period, counts in api.items():
        own = [counts["Tubantia-Toekomst"], counts["Twekkelerveld"]]
        assert shown[period] == str(sum(own))


def test_who_does_not_work_there_finds_nothing(demo):
    assert ask(demo, GESLAAGD, OF_OOST)[0] == 200
    for viewer in (None, REGISSEUR, *(ROLES[naam] for naam in ("onderzoeker", "gegevensbeheerder", "beheerder"))):
        status, page = ask(demo, GESLAAGD, viewer)
        assert status == 404
        assert "Glanerbrug" not in page.text_content()
    assert ask(demo, "IV-99", MANAGER)[0] == 404
    elsewhere = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
    assert ask(demo, GESLAAGD, elsewhere)[0] == 404


def test_comparison_areas_and_surroundings_can_be_chosen(demo):
    _, page = ask(demo, VERPLAATST, MANAGER)
    assert page.xpath("//input[@name='vergelijk'][@checked]") == []
    taken = page.xpath("//table[caption[@id='cijfers-tabel']]//tr[@data-arm='vergelijk']/td")[0].text_content()
    assert int(taken) >= 4
    near = page.xpath("//table[caption[@id='rollen-tabel']]//tr[th='Omgeving']/td")[0].text_content()
    assert "Boddenkamp" in near
    query = f"?omgeving=500&vergelijk=BU01530603&vergelijk=BU01530605&categorie=&bron={BRON}"
    status, other = ask(demo, VERPLAATST, MANAGER, query)
    assert status == 200
    assert other.xpath("//input[@name='vergelijk'][@checked]/@value") == ["BU01530603", "BU01530605"]
    assert chosen(other, "omgeving") == "500"
    assert chosen(other, "categorie") == "openbare-ruimte"
    rows = other.xpath("//table[caption[@id='ringen-tabel']]/tbody/tr")
    assert len(rows) == 3
    assert "hierop rust het oordeel" in rows[1].text_content()
    assert "hierop rust het oordeel" not in rows[0].text_content()


def test_what_was_chosen_and_now_lies_in_the_surroundings_is_left_aside_and_told(demo):
    status, page = ask(demo, VERPLAATST, MANAGER, "?vergelijk=BU01530400&vergelijk=BU01530603")
    assert status == 200
    assert page.xpath("//input[@name='vergelijk'][@checked]/@value") == ["BU01530603"]
    assert "Niet meer gebruikt, want zij liggen in de omgeving of hadden zelf een aanpak: Walhof-Roessingh." in (
        page.text_content()
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?iets=1", "onbekend"),
        ("?omgeving=750", "kies uit"),
        ("?categorie=niets", "niets"),
        ("?bron=niets", "niets"),
        ("?vergelijk=BU01530301", "geen buurt om mee te vergelijken"),
        ("?vergelijk=BU99999999", "geen buurt om mee te vergelijken"),
        ("?omgeving=500&omgeving=1000", "meer dan één keer"),
    ],
)
def test_what_cannot_be_asked_is_told(demo, query, said):
    status, page = ask(demo, VERPLAATST, MANAGER, query)
    assert status == 400
    assert said in page.text_content().lower()


def test_an_action_that_just_began_says_so(demo):
    """Two months after the beginning: no verdict, no figures of arms, and still the course and the choices."""
    status, page = ask(demo, EETTAFEL, MANAGER)
    assert status == 200
    assert verdict(page) == ("niet vast te stellen", "te kort")
    assert page.xpath("//tr[@data-arm]") == []
    assert page.xpath("//tr[@data-periode]")
    text = page.text_content()
    assert "staat niet welk signaal" in text
    assert "wilde juist meer meldingen" in " ".join(text.split())


def test_the_page_says_what_it_does_not_know(demo):
    _, page = ask(demo, VERPLAATST, REGISSEUR)
    text = " ".join(page.text_content().split())
    assert "een deel van de omgeving ontbreekt" in text
    assert "Met cijfers die u niet mag zien, rekenen wij niet." in text
    assert "Of de aanpak de oorzaak is, blijkt hier niet uit." in text
    assert "meestal niet vast te stellen" in text
    assert "Bron: signalen-openbare-ruimte" in text
    assert "Trendbreuken van deze bron: 1 juli 2024" in text


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_in_the_browser(visit, demo, size):
    watched = visit(size)
    page = watched.page
    page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(MANAGER)}")
    assert page.goto(f"{demo.address}{address(VERPLAATST)}").status == 200
    for details in page.query_selector_all("details"):
        details.evaluate("element => element.open = true")
    assert violations(page) == []
    # Each part of the map has a pattern of its own: colour is not all that tells them apart.
    fills = page.eval_on_selector_all(
        ".bs-rollenkaart > svg path", "all => [...new Set(all.map(p => p.getAttribute('fill')))]"
    )
    assert {"url(#bs-rol-omgeving)", "url(#bs-rol-vergelijk)", "url(#bs-rol-vergelijk_omgeving)"} < set(fills)
    page.check("input[name=vergelijk][value=BU01530603]")
    page.select_option("select[name=omgeving]", "1000")
    page.click("text=Reken opnieuw")
    assert "omgeving=1000" in page.url
    assert page.is_visible("[data-oordeel]")
    assert watched.errors == []
