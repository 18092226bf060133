"""``/uitleg``: what residents read about the figures, in plain Dutch and true of this very service."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.browser import SIZES, Visitors, start_chromium, violations
from tests.geo_service.api.website import serve
from tests.geo_service.pages.test_teksten import text_of
from tests.geo_service.support import rows, settings

MOST_WORDS = 25
ANCHORS = ("tellen", "bronnen", "wie", "klein", "bewaren", "hotspot", "lezen", "rechten")


def page_of(website) -> str:
    answer = website.client.get("/uitleg", headers={"accept": "text/html"})
    assert answer.status_code == 200
    return answer.text


def cells_of(html: str) -> list[list[str]]:
    table = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert table
    lines = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    return [[cell.strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)] for line in lines]


def test_every_counted_source_is_in_the_table(demo, demo_url):
    counted = rows(
        demo_url, "select naam, houder from publiek.bron where laag in ('meldingen', 'bezoeken') order by naam"
    )
    cells = cells_of(page_of(demo))
    assert [(name, holder) for name, holder, *_ in cells] == [
        (name, holder or "niet opgegeven") for name, holder in counted
    ]
    woonoverlast = next(line for line in cells if line[0] == "meldpunt-woonoverlast")
    assert woonoverlast[2].startswith("1 oktober 2023 t/m ")
    assert woonoverlast[3] == "5 jaar"


def test_purpose_and_ground_are_told_and_what_is_missing_is_said(demo):
    words = text_of(page_of(demo))
    assert "Doel: overlast tussen buren vroeg zien en oplossen. Grond: publieke taak aanpak woonoverlast (AVG" in words
    assert "Doel: niet opgegeven. Grond: toestemming van de aanmelder." in words


def test_thresholds_terms_and_contact_are_those_of_this_service(demo_url):
    with (
        settings(drempel_publiek=14, bevriezing_dagen=33, logboek_maanden=18, privacy_contact="fg@buurt.example"),
        serve(demo_url) as website,
    ):
        html = page_of(website)
        words = text_of(html)
    assert "van 1 tot en met 13 laten wij niet zien" in words
    assert "verschijnen 33 dagen na" in words
    assert "Het logboek bewaren wij 18 maanden" in words
    assert '<a href="mailto:fg@buurt.example">fg@buurt.example</a>' in html


@pytest.mark.parametrize(
    "right", ["inzage", "verbeteren of te verwijderen", "bezwaar", "klacht", "Autoriteit Persoonsgegevens"]
)
def test_rights_are_named(demo, right):
    assert right in text_of(page_of(demo))


def test_sentences_are_short(demo):
    """B1: no sentence of our own is long. What a source says of itself is not ours."""
    html = re.sub(r"<(table|dl).*?</\1>", " ", page_of(demo), flags=re.DOTALL)
    text = re.sub(r"</(p|li|h\d)>", ". ", html)
    sentences = re.split(r"(?<=[.?!:;])\s", text_of(text))
    assert len(sentences) > 40
    assert [sentence for sentence in sentences if len(sentence.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("path", ["/", "/kaart", "/uitleg", "/toegankelijkheid", "/v1/?f=html", "/bestaat-niet"])
def test_every_page_leads_to_it(demo, path):
    html = demo.client.get(path, headers={"accept": "text/html"}).text
    footer = html[html.index("<footer") :]
    assert 'href="/uitleg"' in footer


# What needs an event loop comes before the browser.
@pytest.fixture(scope="module")
def visitors(demo, assen) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser)


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible_and_fits(demo, visitors, size):
    found = visitors.welcome(size)
    found.page.goto(f"{demo.address}/uitleg")
    assert violations(found.page) == []
    width = found.page.evaluate("document.documentElement.scrollWidth")
    visitors.leave()
    assert width <= SIZES[size][0]
    assert found.errors == []


@pytest.mark.browser
def test_the_keyboard_reaches_every_part(demo, visitors):
    page = visitors.welcome("telefoon").page
    page.goto(f"{demo.address}/uitleg")
    for anchor in ANCHORS:
        link = page.locator(f'a[href="#{anchor}"]')
        link.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == f"#{anchor}"
        assert page.locator(f"#{anchor}").count() == 1
    # The table can be scrolled sideways without a mouse.
    page.locator(".bs-tabel-vak").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.bs-tabel-vak').scrollLeft > 0")
    visitors.leave()
