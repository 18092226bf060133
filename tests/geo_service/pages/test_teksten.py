"""What the pages say, without a browser: clear Dutch, no machine values, nothing promised that is not there."""

from __future__ import annotations

import re

import pytest

from geo_service.identity import Role, Viewer
from tests.geo_service.api.website import serve, token_of
from tests.geo_service.release.dorp import load_dorp

HTML = {"accept": "text/html"}


def text_of(html: str) -> str:
    """The words that a reader sees, without scripts and markup."""
    body = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize(("path", "status"), [("/bestaat-niet", 404), ("/kaart?periode=ooit", 400)])
def test_the_error_page_says_its_code(demo, path, status):
    answer = demo.client.get(path, headers=HTML)
    assert answer.status_code == status
    assert f"Foutcode {status}" in text_of(answer.text)


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json;q=0.5, text/html", True),
        ("application/json, text/html;q=0.9", False),
        ("application/geo+json,application/json;q=0.9,text/html;q=0.8", False),
        ("application/json, text/html;q=0", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_an_error_is_a_page_for_who_likes_pages_best(demo, accept, page):
    answer = demo.client.get("/v1/collections/bestaat-niet", headers={"accept": accept})
    kind = "text/html; charset=utf-8" if page else "application/problem+json"
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)


def test_a_page_with_a_slash_behind_it_keeps_its_question(demo):
    answer = demo.client.get("/kaart/?niveau=wijk&periode=2025")
    assert (answer.status_code, answer.headers["location"]) == (307, "/kaart?niveau=wijk&periode=2025")
    assert demo.client.get("/kaart/").headers["location"] == "/kaart"


def test_who_keeps_the_places_is_not_sent_them_again(demo):
    whole = demo.client.get("/kaart?niveau=wijk").text
    rest = demo.client.get("/kaart?niveau=wijk", headers={"Buurtsignaal-Houdt": "plekken"}).text
    place = demo.features("voorzieningen", limit=1)[0]["properties"]["naam"]
    assert (place in whole, place in rest) == (True, False)
    tables = [re.findall(r"<tbody>.*?</tbody>", text, flags=re.S)[0] for text in (whole, rest)]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("which", ["demo", "assen"])
def test_coverage_is_told_in_words(request, which):
    """A reader does not see 0.413 or 1.0 but a share in Dutch."""
    page = request.getfixturevalue(which).client.get("/kaart").text
    remarks = re.findall(r'data-kolom="opmerking">([^<]*)<', page)
    assert len(remarks) >= 70
    assert [remark for remark in remarks if re.search(r"\d\.\d", remark)] == []


@pytest.mark.parametrize("which", ["demo", "assen"])
@pytest.mark.parametrize("path", ["/", "/kaart", "/uitleg", "/toegankelijkheid"])
def test_no_page_shows_a_value_of_the_machine(request, which, path):
    words = text_of(request.getfixturevalue(which).client.get(path).text)
    for machine in (
        "None",
        "nan",
        "NaN",
        "True",
        "False",
        "null",
        "undefined",
        "onderdrukt",
        "niet_gedekt",
        "per_1000",
        "{{",
        "}}",
    ):
        assert not re.search(rf"(?<![\w-]){re.escape(machine)}(?![\w-])", words), machine


@pytest.mark.parametrize("path", ["/", "/kaart", "/uitleg", "/toegankelijkheid", "/bestaat-niet"])
def test_every_page_is_dutch_has_a_title_and_one_heading(demo, path):
    page = demo.client.get(path, headers=HTML).text
    assert '<html lang="nl" class="voorbeeld-theme">' in page
    assert len(re.findall(r"<h1[ >]", page)) == 1
    title = re.search(r"<title>([^<]+)</title>", page)
    assert title
    assert title[1].endswith("Buurtsignaal")


def test_the_explanation_names_the_threshold_of_who_reads_it(demo):
    assert "Aantallen van 1 tot en met 9 laten wij niet zien" in text_of(demo.client.get("/uitleg").text)
    staff = {
        "Authorization": f"Bearer {token_of(Viewer(Role.WIJKREGISSEUR, 'GM0153', frozenset({'GM0153-SD-noord'})))}"
    }
    assert "Aantallen van 1 tot en met 4 laten wij niet zien" in text_of(demo.client.get("/uitleg", headers=staff).text)


def test_the_explanation_names_every_source_with_its_coverage(demo):
    words = text_of(demo.client.get("/uitleg").text)
    for bron in ("buurtbemiddeling", "meldpunt-woonoverlast", "politie-overlast", "signalen-openbare-ruimte"):
        assert bron in words
    assert "Dekking: de hele gemeente: 1 oktober 2023 t/m" in words
    assert re.search(r"[a-z] Dekking:", words) is None


def test_one_source_is_not_called_sources(assen):
    assert "1 bronnen" not in text_of(assen.client.get("/").text)


def test_the_map_says_what_is_counted_from_when_and_what_is_not_complete(assen):
    words = text_of(assen.client.get("/kaart").text)
    for sentence in (
        "openbare meldingen openbare ruimte",
        "18 mei 2026 t/m 7 augustus 2026",
        "Het aantal inwoners is van 2024.",
        "De bron dekt 41% van deze periode",
        "Bron: signalen-assen (gemeente Assen)",
    ):
        assert sentence in words


def test_approximate_boundaries_are_labelled_and_real_ones_are_not(demo, assen):
    assert "Grenzen zijn benaderd" in demo.client.get("/kaart").text
    assert "Grenzen zijn benaderd" not in assen.client.get("/kaart").text


def test_an_empty_database_says_what_to_do(url):
    with serve(url) as website:
        start = website.client.get("/", headers=HTML)
        assert start.status_code == 200
        assert "nog geen gegevens geladen" in start.text
        kaart = website.client.get("/kaart", headers=HTML)
        assert kaart.status_code == 404
        assert "Er zijn nog geen gebieden geladen" in kaart.text
        assert website.get("/v1/collections").status_code == 200
        assert website.get("/v1/collections/buurten/items").status_code == 404
        assert website.get("/uitleg").status_code == 200


def test_areas_without_reports_are_a_map_that_says_so(url):
    load_dorp(url, bronnen="")
    with serve(url) as website:
        kaart = website.client.get("/kaart", headers=HTML)
        assert kaart.status_code == 404
        assert "nog geen meldingen" in kaart.text
        assert len(website.features("buurten")) == 8
        assert website.features("meldingen-per-gebied") == []
