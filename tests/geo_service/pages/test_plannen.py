"""The planning page: each thing on it is that of the API for the same viewer, and nothing is ranked."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from geo_service.domain.perioden import kwartaal
from geo_service.identity import Role, Viewer
from geo_service.release.lijnen import Kwartaallijnen, explain
from tests.browser import violations
from tests.geo_service.api.website import Website, bearer, token_of, viewers_of

GEMEENTE, STADSDEEL = "GM0153", "GM0153-SD-west"
BRONNEN = ("signalen-openbare-ruimte", "meldpunt-woonoverlast", "politie-overlast", "buurtbemiddeling")
ROLES = viewers_of(GEMEENTE, STADSDEEL)
MANAGER = ROLES["stadsdeelmanager"]
VIEWERS = pytest.mark.parametrize("viewer", [None, MANAGER], ids=["publiek", "manager"])


def ask(site: Website, path: str, viewer: Viewer | None = None):
    answer = site.client.get(path, headers=bearer(viewer) | {"accept": "text/html"})
    assert answer.status_code == 200, answer.text[:500]
    return lxml_html.fromstring(answer.text)


def rows_of(page) -> dict[str, list[str]]:
    """The cells of the table of all buurten, by name."""
    found = page.xpath("//table[caption/@id='buurten-tabel']/tbody/tr")
    return {row.xpath("string(th)"): [cell.text_content().strip() for cell in row.xpath("td")] for row in found}


@VIEWERS
def test_what_stands_out_is_what_the_api_lists(demo, viewer):
    told: dict[str, list[str]] = {}
    for stadsdeel in ("centrum", "noord", "oost", "west", "zuid"):
        told |= rows_of(ask(demo, f"/plannen/GM0153-SD-{stadsdeel}", viewer))
    assert len(told) == 70
    expected: dict[str, set[str]] = {}
    for bron in BRONNEN:
        for feature in demo.features("hotspots", viewer, bron=bron, limit=500):
            if feature["properties"]["categorie"] == "alle":
                for buurt in feature["properties"]["buurten"].split(", "):
                    expected.setdefault(buurt, set()).add(f"({bron})")
    standing_out = {
        name: cells[0] for name, cells in told.items() if cells[0] not in ("niets bijzonders", "niet gedekt")
    }
    assert standing_out.keys() == expected.keys()
    assert standing_out
    for name, text in standing_out.items():
        assert all(bron in text for bron in expected[name])


def test_what_is_there_is_what_the_profile_counts(demo):
    page = ask(demo, f"/plannen/{STADSDEEL}")
    told = rows_of(page)
    for link in page.xpath("//table[caption/@id='buurten-tabel']/tbody/tr/th/a")[:3]:
        near = demo.get(f"/v1/gebieden/{link.get('href').split('/')[-1]}/profiel").json()["bereikbaar"]["plekken"]
        kinds = {place["type"] for place in near if place["laag"] == "voorzieningen" and place["type"] != "onbekend"}
        assert told[link.text][1:3] == [str(len(near)), str(len(kinds))]


def test_every_buurt_stands_in_the_picture_once_and_in_the_order_of_names(demo):
    page = ask(demo, f"/plannen/{STADSDEEL}")
    placed = [link.text for link in page.xpath("//table[@class='bs-assen']//a")]
    assert sorted(placed) == sorted(rows_of(page))
    for cell in page.xpath("//table[@class='bs-assen']//td"):
        names = [link.text for link in cell.xpath(".//a")]
        assert names == sorted(names)
    cards = [
        [heading.text for heading in ask(demo, f"/plannen/GM0153-SD-{part}").xpath("//ul[@class='bs-kaarten']/li/h3")]
        for part in ("centrum", "noord", "oost", "west", "zuid")
    ]
    assert any(cards)
    assert all(names == sorted(names) for names in cards)


def test_the_lines_are_the_figures_of_the_api(demo):
    page = ask(demo, f"/plannen/{STADSDEEL}", MANAGER)
    told = page.xpath("//table[caption[starts-with(@id, 'lijnen-tabel')]]/tbody/tr[last()]")[0]
    counts = [cell.text for cell in told.xpath("td")][:3]
    asked = {"niveau": "stadsdeel", "gebied": STADSDEEL}
    figure, *_ = demo.features("bezoeken-per-gebied", MANAGER, **asked)
    asked["periode"] = figure["properties"]["periode"]
    expected = [
        demo.features("bezoeken-per-gebied", MANAGER, **asked, categorie=f"uitkomst-{line}_lijn")[0]["properties"][
            "aantal"
        ]
        for line in ("0e", "1e", "2e")
    ]
    assert any(expected)
    assert counts == ["–" if count is None else str(count) for count in expected]


def quarter(share: float | None, margin: float = 0.02, breuk: str | None = None) -> Kwartaallijnen:
    ends = (None, None) if share is None else (share - margin, share + margin)
    return Kwartaallijnen(kwartaal(2026, 1), {}, share, *ends, breuk)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ([quarter(0.4)] * 4 + [quarter(0.5)], "Dat is duidelijk meer."),
        ([quarter(0.5)] * 4 + [quarter(0.4)], "Dat is duidelijk minder."),
        ([quarter(0.5)] * 4 + [quarter(0.52)], "Het verschil kan toeval zijn."),
        ([quarter(0.4), quarter(0.4), quarter(0.4, breuk="Gidso"), quarter(0.4), quarter(0.5)], "niet te vergelijken"),
        ([quarter(None)] + [quarter(0.4)] * 4, "van een jaar eerder is er geen cijfer"),
        ([quarter(0.4)] * 4 + [quarter(None)], "niet te zeggen"),
        ([quarter(0.4)], "van een jaar eerder is er geen cijfer"),
    ],
)
def test_a_shift_is_told_only_beyond_chance_and_never_over_a_break(series, said):
    assert said in explain(series)


def test_interventions_are_for_staff_of_the_area(demo):
    elsewhere = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({"GM0153-SD-oost"}))
    running = ask(demo, "/plannen/GM0153-SD-zuid", MANAGER).xpath("//td[last()]/text()")
    assert [text for text in running if text not in ("–", "niet gedekt")]
    for viewer in (None, ROLES["onderzoeker"], elsewhere):
        page = ask(demo, "/plannen/GM0153-SD-zuid", viewer)
        assert "Loopt nu" not in page.text_content()
        assert "Wat loopt er nu?" not in page.text_content()


def test_without_places_or_counts_nothing_is_a_nought(assen):
    _, area, *_ = ask(assen, "/plannen").xpath("//ul[@class='bs-keuzes']//a/@href")
    page = ask(assen, area)
    assert "Er is geen bron van plekken geladen" in page.text_content()
    assert {tuple(cells[1:4]) for cells in rows_of(page).values()} == {("onbekend", "onbekend", "onbekend")}


def test_who_works_in_one_stadsdeel_goes_there_and_others_choose(demo):
    answer = demo.client.get("/plannen", headers=bearer(ROLES["wijkregisseur"]))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/plannen/{STADSDEEL}")
    other = ask(demo, f"/plannen/{STADSDEEL}", ROLES["wijkregisseur"]).xpath("//a[text()='Ander gebied']/@href")[0]
    assert len(ask(demo, other, ROLES["wijkregisseur"]).xpath("//ul[@class='bs-keuzes']/li")) == 5
    assert len(ask(demo, "/plannen").xpath("//ul[@class='bs-keuzes']/li")) == 5
    assert demo.client.get("/plannen/BU01530300").status_code == 404
    assert demo.client.get("/plannen/GM0153-SD-nergens").status_code == 404
    assert demo.client.get(f"/plannen/{STADSDEEL}?iets=1").status_code == 400
    assert demo.client.get("/plannen", headers=bearer(ROLES["beheerder"])).status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_no_accessibility_rule_is_broken(visit, demo, size):
    watched = visit(size)
    watched.page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(MANAGER)}")
    watched.page.goto(f"{demo.address}/plannen/{STADSDEEL}")
    watched.page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    assert violations(watched.page) == []
    assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.errors == []
