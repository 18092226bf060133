"""The pages of the API: for people, in Dutch, the same values as the JSON, without a script, for everyone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from itertools import pairwise

import httpx
import pytest
from lxml import html

from geo_service.api.dekkingskaart import make_kaarten
from geo_service.api.uitleg import FILTERS, PARAMETERS
from geo_service.api.weergave import LEEG, ligging, make_cel, number_text
from geo_service.domain.velden import Soort, Veld
from tests.browser import SIZES, chromium, set_size, violations, visitors, watched
from tests.geo_service.api.website import Website, token_of, viewers_of

__all__ = ["chromium", "visitors", "watched"]

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
NOORD = VIEWERS["wijkregisseur"]
FIGURES = "/v1/collections/meldingen-per-gebied/items"
PAGES = (
    "/v1/",
    "/v1/conformance",
    "/v1/openapi.html",
    "/v1/catalogus",
    "/v1/collections",
    "/v1/collections/meldingen-per-gebied",
    "/v1/collections/voorzieningen/schema",
    "/v1/collections/voorzieningen/queryables",
    "/v1/collections/meldingen-per-gebied/metadata",
    "/v1/collections/buurten/metadata",
    f"{FIGURES}?niveau=wijk&periode=2025&bron=buurtbemiddeling",
    "/v1/collections/voorzieningen/items?limit=20&sortby=-naam",
    "/v1/collections/voorzieningen/items?type=bestaat-niet",
    "/v1/collections/buurten/items/BU01530000",
    "/v1/collections/voorzieningen/items/demo-voorzieningen.VZ-0001",
    "/v1/gebieden/BU01530000/profiel",
    "/v1/gebieden/BU01530000/tijdreeks",
    "/v1/tileMatrixSets",
    "/v1/tileMatrixSets/WebMercatorQuad",
    "/v1/collections/buurten/tiles",
)


def fetch(website: Website, path: str, viewer=None) -> httpx.Response:
    headers = {"accept": ACCEPT} | ({"Authorization": f"Bearer {token_of(viewer)}"} if viewer else {})
    answer = website.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def read(website: Website, path: str, viewer=None):
    return html.fromstring(fetch(website, path, viewer).text)


def words(element) -> str:
    return re.sub(r"\s+", " ", " ".join(element.itertext())).strip()


def rows_of(page) -> Iterator[list[str]]:
    for row in page.xpath("//table[contains(@class, 'bs-tabel-objecten')]/tbody/tr"):
        yield [words(cell) for cell in row.xpath("./th|./td")]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_dutch_with_one_heading_and_no_script_or_style_inside(demo, path):
    page = read(demo, path)
    assert page.get("lang") == "nl"
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//title/text()")[0].endswith("Buurtsignaal")
    assert page.xpath("//script|//style|//*[@style]|//@*[starts-with(name(), 'on')]") == []
    assert page.xpath("//a[contains(@class, 'bs-overslaan')]/@href") == ["#inhoud"]
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5")]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_value_of_the_machine(demo, path):
    body = words(read(demo, path).xpath("//main")[0])
    assert re.findall(r"(?<![\w-])(?:None|nan|NaN|True|False|null|Undefined)(?![\w-])|[{]{2}|[}]{2}", body) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_link_on_a_page_leads_somewhere(demo, path):
    page = read(demo, path)
    anchors = {f"#{name}" for name in page.xpath("//@id")}
    assert {link for link in page.xpath("//a/@href") if link.startswith("#")} <= anchors
    inside = {link for link in page.xpath("//main//a/@href") if link.startswith(demo.address)}
    # Downloads have tests of their own, and tiles a service of their own.
    inside = {link for link in inside if not re.search(r"[?&]f=(?!html|json)|/tiles|/styles", link)}
    assert inside
    for link in sorted(inside)[:25]:
        assert demo.client.get(link, headers={"accept": ACCEPT}).status_code == 200, link


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_kept_with_a_tag_of_its_own(demo, path):
    page = fetch(demo, path)
    again = demo.client.get(path, headers={"accept": ACCEPT, "If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Accept" in page.headers["vary"]
    if path not in ("/v1/openapi.html", "/v1/catalogus"):
        assert demo.get(path).headers["etag"] != page.headers["etag"]


def test_f_decides_over_what_the_browser_accepts(demo):
    assert demo.get("/v1/collections", f="html").headers["content-type"].startswith("text/html")
    answer = demo.client.get("/v1/collections?f=json", headers={"accept": ACCEPT})
    assert answer.headers["content-type"] == "application/json"


def test_a_page_of_objects_has_the_values_of_the_json(demo):
    asked = "niveau=wijk&periode=2025&bron=buurtbemiddeling"
    page = read(demo, f"{FIGURES}?{asked}")
    features = demo.client.get(f"{FIGURES}?{asked}").json()["features"]
    shown = {row[0]: row[1:] for row in rows_of(page)}
    assert len(shown) == len(features) == 10
    columns = [words(cell) for cell in page.xpath("//table[contains(@class, 'bs-tabel-objecten')]/thead//th")][1:]
    for feature in features:
        properties = feature["properties"]
        cells = dict(zip(columns, shown[f"{properties['gebied_naam']} {feature['id']}"], strict=True))
        assert cells["aantal"] == (LEEG if properties["aantal"] is None else str(properties["aantal"]))
        assert cells["gebied_code"] == properties["gebied_code"]
        assert cells["Ligging"] == "vlak"
    suppressed = [feature for feature in features if feature["properties"]["status"] == "onderdrukt"]
    assert suppressed
    assert "verborgen om privacy" in words(page)
    assert "Zo is niemand te herkennen" in words(page)


def test_what_is_the_same_on_every_row_is_told_once(demo):
    page = read(demo, f"{FIGURES}?niveau=wijk&periode=2025&bron=buurtbemiddeling")
    facts = {words(fact.xpath("./dt/code")[0]): words(fact.xpath("./dd")[0]) for fact in page.xpath("//section//dl/div")
             if fact.xpath("./dt/code")}  # fmt: skip
    assert facts["periode"] == "2025"
    assert facts["bron"] == "buurtbemiddeling"
    assert "herkomst" not in facts
    assert "Bron: buurtbemiddeling" in words(page.xpath("//p[@class='bs-herkomstregel']")[0])


def test_the_question_is_told_in_words(demo):
    vraag = "bbox=6.85,52.20,6.92,52.24&datetime=2024-01-01/..&type=speeltuin&sortby=-naam&crs=EPSG:28992&limit=5"
    page = read(demo, f"/v1/collections/voorzieningen/items?{vraag}")
    asked = words(page.xpath("//section[@aria-labelledby='kop-vraag']")[0])
    for text in (
        "west 6,85, zuid 52,2, oost 6,92, noord 52,24",
        "vanaf 1 januari 2024",
        "type speeltuin",
        "naam (van hoog naar laag)",
        "Amersfoort / RD New (EPSG:28992)",
        "Op deze pagina staan 5 objecten",
    ):
        assert text in asked
    assert re.fullmatch(r"punt 2\d{5} 4\d{5}", next(rows_of(page))[-1])


def test_a_page_for_people_has_a_hundred_rows_and_goes_on(demo):
    seen: list[str] = []
    path = "/v1/collections/voorzieningen/items"
    while path:
        page = read(demo, path)
        found = [words(link) for link in page.xpath("//table//tbody//th/a")]
        assert len(found) <= 100
        seen += page.xpath("//table//tbody//th/small/text()")
        path = next(iter(page.xpath("(//a[@rel='next'])[1]/@href")), "")
    assert len(seen) == len(set(seen)) == demo.items("voorzieningen", limit=1)["numberMatched"] > 100
    assert page.xpath("(//a[@rel='prev'])[1]/@href")


def test_a_choice_is_a_link_that_says_what_is_chosen(demo):
    page = read(demo, f"{FIGURES}?niveau=wijk&limit=2")
    (chosen,) = page.xpath("//nav[@aria-label='Soort gebied']/a[@aria-current]")
    assert words(chosen) == "wijk"
    (denominator,) = page.xpath("//nav[@aria-label='Vergelijk per 1.000']/a[@aria-current]")
    assert words(denominator) == "woningen"
    (stadsdeel,) = page.xpath("//nav[@aria-label='Soort gebied']/a[text()='stadsdeel']/@href")
    assert stadsdeel.endswith("/items?niveau=stadsdeel&limit=2")


def test_nothing_found_is_not_called_zero(demo):
    page = read(demo, "/v1/collections/voorzieningen/items?type=bestaat-niet")
    assert "Geen objecten voldoen aan deze vraag. Dat is geen nul" in words(page)
    assert page.xpath("//table") == []


def test_what_someone_types_stays_text(demo):
    evil = "</code><script>alert(1)</script>"
    answer = demo.client.get(
        "/v1/collections/voorzieningen/items", params={"filter": f"naam = '{evil}'"}, headers={"accept": ACCEPT}
    )
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert evil in unescape(answer.text)


def test_the_examples_and_downloads_ask_the_present_question(demo):
    page = read(demo, f"{FIGURES}?niveau=wijk&periode=2025&limit=3")
    blocks = {block.get("data-voorbeeld"): block.text_content() for block in page.xpath("//code[@data-voorbeeld]")}
    assert list(blocks) == ["url", "python", "r", "qgis", "gdal"]
    assert all("niveau=wijk&periode=2025&limit=3&f=" in code for code in blocks.values())
    downloads = {link.get("data-formaat"): link.get("href") for link in page.xpath("//a[@data-formaat]")}
    assert list(downloads) == ["json", "csv", "geojsonseq", "gpkg", "fgb", "parquet"]
    for formaat, address in downloads.items():
        answer = httpx.get(address)
        assert answer.status_code == 200
        assert answer.content, formaat


def test_a_role_sees_its_name_and_its_own_collections(demo):
    public, staff = read(demo, "/v1/collections"), read(demo, "/v1/collections", NOORD)
    assert public.xpath("//li[@data-collectie='meldingen']") == []
    assert staff.xpath("//li[@data-collectie='meldingen']")
    assert "U kijkt als: wijkregisseur" in words(staff)
    page = read(demo, "/v1/collections/meldingen/items", NOORD)
    assert "BUURTSIGNAAL_TOKEN" in words(page)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/",
        "/v1/collections/stadsdelen",
        "/v1/collections/stadsdelen/items",
        "/v1/collections/meldingen-per-gebied/schema",
        "/v1/gebieden/GM0153-SD-noord/profiel",
        f"{FIGURES}?niveau=wijk",
        "/v1/collections/meldingen-per-gebied/metadata",
    ],
)
def test_every_page_says_whose_eyes_it_is_seen_with(demo, path):
    (who,) = read(demo, path, NOORD).xpath("//p[@class='bs-rol']")
    assert who.text_content() == "U kijkt als: wijkregisseur, stadsdeel Noord"


def test_the_coverage_is_drawn_and_told(demo):
    page = read(demo, "/v1/collections/meldingen-per-gebied/metadata")
    drawings = page.xpath("//svg[@role='img']")
    assert len(drawings) == 4
    bemiddeling = drawings[0]
    assert "In 54 daarvan minder lang" in bemiddeling.get("aria-label")
    assert len(bemiddeling.xpath("./path[contains(@class, 'bs-dekking-korter')]")) == 54
    assert len(bemiddeling.xpath("./path[contains(@class, 'bs-dekking-gedekt')]")) == 16
    table = page.xpath("//table[caption[@id='bijschrift-bron-1']]/tbody/tr")
    assert words(table[-1].xpath("./th")[0]) == "de andere 54 buurten"
    assert words(table[-1].xpath("./td")[1]) == "1 oktober 2024 t/m 30 september 2026"


def area(name: str, *perioden: tuple[str, str, str]) -> dict:
    status = perioden[0][2] if perioden else "geen"
    listed = [{"van": van, "tot": tot, "status": kind} for van, tot, kind in perioden]
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    return {
        "id": name,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"gebied_naam": name, "bronnen": [{"bron": "meldpunt", "status": status, "perioden": listed}]},
    }


def test_an_area_without_coverage_is_drawn_as_such_and_never_as_zero():
    year = ("2024-01-01", "2024-12-31")
    (kaart,) = make_kaarten([area("A", (*year, "gedekt")), area("B"), area("C", (*year, "afgeleid"))])
    assert [vlak.status for vlak in kaart.vlakken] == ["gedekt", "geen", "afgeleid"]
    assert "telt in 2 van de 3 buurten" in kaart.samenvatting
    assert "Dat is geen nul" in kaart.samenvatting
    assert {regel.gebieden: regel.perioden for regel in kaart.regels} == {
        "A": ("1 januari 2024 t/m 31 december 2024",),
        "B": (),
        "C": ("1 januari 2024 t/m 31 december 2024 (afgeleid uit de gegevens)",),
    }
    assert make_kaarten([]) == ()


@pytest.mark.parametrize("vraag", [*PARAMETERS, *FILTERS], ids=lambda vraag: vraag.titel)
def test_every_question_of_the_explanation_is_answered(demo, vraag):
    found = demo.items(vraag.collectie, **vraag.vraag)
    assert found["numberReturned"] > 0
    page = read(demo, "/v1/openapi.html")
    addresses = [link for link in page.xpath("//dd/a/@href") if link.endswith(vraag.pad)]
    assert len(addresses) == 1
    assert httpx.get(addresses[0]).json()["features"] == found["features"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (2021, "2021"),
        (9999.5, "9999,5"),
        (12345, "12.345"),
        (-0.0001, "0"),
        (0.25, "0,25"),
        (1234567.891, "1.234.567,891"),
    ],
)
def test_numbers_are_dutch_and_years_stay_whole(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "soort", "text"),
    [
        (None, Soort.GEHEEL, LEEG),
        ("", Soort.TEKST, LEEG),
        (False, Soort.JANEE, "nee"),
        ("2024-03-01", Soort.DAG, "1 maart 2024"),
        (date.min.isoformat(), Soort.DAG, "van oudsher"),
        ("2024-07-01T22:30:00Z", Soort.MOMENT, "2 juli 2024, 00:30 uur"),
    ],
)
def test_a_value_in_words(value, soort, text):
    assert make_cel(value, Veld("veld", soort, "")).tekst == text


def test_where_a_feature_is_in_words():
    assert ligging({"type": "Point", "coordinates": [6.8843, 52.22]}) == "punt 6,88430 52,22000"
    assert ligging({"type": "MultiPolygon", "coordinates": []}) == "vlak"
    assert ligging(None) == LEEG


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_no_accessibility_rule_is_broken(watched, demo, path):
    """These pages have no script: on a screen that changes they are what they are on one that always had that size."""
    page = watched.page
    page.goto(demo.address + path)
    for size in SIZES:
        set_size(page, size)
        assert violations(page) == [], size
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    assert watched.errors == []
    assert [address for address in watched.requests if not address.startswith(demo.address)] == []
