"""The cards under the map: the texts and figures that the API gives to the same viewer, and nothing else."""

from __future__ import annotations

import psycopg
import pytest
from lxml import html as lxml_html

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from maps.hotspots import HOTSPOTLAGEN, laag_van
from maps.model import HOTSPOTS
from tests.geo_service.api.website import busiest_hotspots, serve
from tests.geo_service.support import change, load, rows

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
MANAGER = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}))
KIJKERS = pytest.mark.parametrize("viewer", [None, NOORD, MANAGER], ids=["publiek", "wijkregisseur", "manager"])
TEKSTEN = ("titel", "uitleg", "hoe_zeker", "wat_niet", "herkomst")
SECRET = 987_654


def opvalt(website, viewer=None, **asked):
    answer = website.get("/kaart", viewer, **asked)
    assert answer.status_code == 200, answer.text
    return lxml_html.fromstring(answer.text).get_element_by_id("opvalt")


def cards(section):
    return section.xpath(".//article")


def figures(card):
    return {dd.get("data-veld"): dd.get("data-waarde") for dd in card.xpath(".//dd[@data-veld]")}


def sentence(section, slug):
    (group,) = section.xpath(f"./*[@data-laag='{slug}']")
    return group.findtext("p")


@KIJKERS
@pytest.mark.parametrize("categorie", ["alle", "afval"])
def test_every_card_is_a_result_of_the_api_for_this_viewer(demo, demo_url, viewer, categorie):
    asked = busiest_hotspots(demo_url) | {"categorie": categorie}
    found = cards(opvalt(demo, viewer, **asked))
    api = [feature["properties"] for feature in demo.features("hotspots", viewer, limit=1000, **asked)]
    assert len(found) == len(api)
    left = list(api)
    for card in found:
        words = " ".join(card.text_content().split())
        shown = figures(card)
        same = [
            p
            for p in left
            if p["klasse"] == card.get("data-klasse")
            and all(" ".join(p[name].split()) in words for name in TEKSTEN)
            and shown == {v: str(p[v]) for v in laag_van(p).velden if p[v] is not None}
            and [li.text for li in card.xpath(".//li")] == p["vragen"].split("\n")
        ]
        assert same, words
        left.remove(same[0])
    assert categorie != "alle" or api


def test_a_sub_category_shows_what_stands_out_in_its_head(demo, demo_url):
    asked = busiest_hotspots(demo_url)
    sub, head = rows(demo_url, "select code, hoofd from publiek.categorie where code <> hoofd and hoofd = 'afval'")[0]
    both = [opvalt(demo, MANAGER, **asked, categorie=code) for code in (sub, head)]
    assert [card.text_content() for card in cards(both[0])] == [card.text_content() for card in cards(both[1])]


def test_cards_are_by_name_in_each_layer(demo, demo_url):
    section = opvalt(demo, MANAGER, **busiest_hotspots(demo_url))
    for slug in HOTSPOTS:
        names = [name.text.casefold() for name in section.xpath(f"./*[@data-laag='{slug}']//h4")]
        assert names == sorted(names)


def test_a_suppressed_count_is_nowhere_in_the_page_of_who_may_not_know_it(demo_url, copy_of):
    url = copy_of("demo")
    asked = busiest_hotspots(demo_url)
    ((run, number),) = rows(
        url,
        "select run_id, nummer from publiek.hotspot where bron = %s and periode = %s and categorie = 'alle' "
        "and methode = 'punten' order by nummer limit 1",
        asked["bron"], asked["periode"],
    )  # fmt: skip
    change(
        url,
        "update publiek.hotspot set aantal = null, plekken = null, status = 'onderdrukt' "
        "where (run_id, nummer) = (%s, %s)",
        run, number,
    )  # fmt: skip
    change(url, "update intern.hotspot set aantal = %s where (run_id, nummer) = (%s, %s)", SECRET, run, number)
    with serve(url) as website:
        public = website.get("/kaart", **asked).text
        staff = website.get("/kaart", MANAGER, **asked).text
    assert f'data-waarde="{SECRET}"' in staff
    assert str(SECRET) not in public
    assert "987.654" not in public
    cards = lxml_html.fromstring(public).xpath("//section[@id='opvalt']//article[.//dd='verborgen om privacy']")
    assert [figures(card) for card in cards] == [{}] * len(cards) != []


def test_nothing_found_and_not_computed_are_told_apart(demo, demo_url, copy_of):
    url = copy_of("demo")
    asked = busiest_hotspots(demo_url)
    change(url, "delete from publiek.hotspot")
    change(url, "delete from intern.hotspot")
    change(url, "update intern.hotspot_run set resultaat = '{\"reden\": \"Te kort.\"}' where methode = 'opkomend'")
    change(url, "delete from intern.hotspot_run where methode = 'blinde-vlekken'")
    with serve(url) as website:
        staff, public = opvalt(website, MANAGER, **asked), opvalt(website, **asked)
    said = {laag.slug: laag.niets for laag in HOTSPOTLAGEN}
    said |= {"opkomend": "Niet berekend. Te kort.", "stil": "Niet berekend voor deze bron en periode."}
    assert {slug: sentence(staff, slug) for slug in HOTSPOTS} == said
    assert {slug: sentence(public, slug) for slug in HOTSPOTS} == said
    assert cards(staff) == cards(public) == []


def test_what_was_computed_of_a_period_that_is_not_released_is_not_for_the_public(copy_of):
    url = copy_of("demo")
    every = set(rows(url, "select bron, periode, methode from intern.berekening"))
    withheld = max(run[:2] for run in every)
    change(url, "delete from publiek.vrijgave where (bron, periode) = (%s, %s)", *withheld)
    with psycopg.connect(url) as connection:
        connection.execute("set role bs_publiek")
        released = set(connection.execute("select bron, periode, methode from publiek.berekening").fetchall())
        assert released == {run for run in every if run[:2] != withheld}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from intern.berekening")


def test_silence_is_looked_for_over_everything_only(demo, demo_url):
    section = opvalt(demo, MANAGER, **busiest_hotspots(demo_url), categorie="afval")
    assert sentence(section, "stil") == "Hier zoeken wij alleen over alle onderwerpen samen."


@pytest.mark.parametrize(
    ("laag", "shown", "opened"),
    [
        ("hotspots", list(HOTSPOTS), {"punten", "hoog", "nieuw"}),
        ("opkomend", ["opkomend"], {"opkomend"}),
        ("voorzieningen", [], set()),
    ],
)
def test_a_file_has_the_layers_that_were_asked_for(demo_url, tmp_path, laag, shown, opened):
    asked = busiest_hotspots(demo_url)
    path = tmp_path / "kaart.html"
    load("kaart", path, "--laag", laag, "--bron", asked["bron"], "--periode", asked["periode"], url=demo_url)
    tree = lxml_html.fromstring(path.read_bytes())
    groups = tree.xpath("//section[@id='opvalt']/*[@data-laag]")
    assert [group.get("data-laag") for group in groups] == shown
    filled = [group for group in groups if group.tag == "details"]
    assert {g.get("data-laag") for g in filled if g.get("open") is not None} == opened & {
        g.get("data-laag") for g in filled
    }
