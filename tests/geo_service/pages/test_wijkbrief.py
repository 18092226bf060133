"""The letter of two pages: the figures of the API, nothing of staff in the public one, and a PDF to listen to."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from lxml import html as lxml_html

from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from maps.teksten import STATUS_WOORD
from tests.browser import violations
from tests.geo_service.api.website import bearer, token_of
from tests.geo_service.support import rows

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}), id="noord")
MANAGER = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}), id="manager")
RUIM, STIL = "BU01530000", "BU01530907"
BRIEVEN = {
    "stadsdeel": ("demo", None, "GM0153-SD-zuid", ""),
    "stadsdeel, intern": ("demo", MANAGER, "GM0153-SD-zuid", "?intern=1"),
    "buurt met weinig": ("demo", None, STIL, ""),
    "assen, gemeente": ("assen", None, "GM0106", ""),
    "assen, buurt zonder grens": ("assen", None, "BU01060001", ""),
    "assen, buurt": ("assen", None, "BU01060305", ""),
}
KOPPEN = [
    "Wat wij zien",
    "Wat wij niet weten",
    "Wat er gedaan wordt",
    "Wat wij de raad vragen",
    "Bronnen en kanttekeningen",
]


@dataclass(frozen=True)
class Brief:
    """A letter as PDF, its text and its tag tree as (tag, element), in the order of reading."""

    pdf: pikepdf.Pdf
    tekst: str
    tags: list[tuple[str, Any]]


@pytest.fixture(scope="module")
def brieven(demo, assen) -> dict[str, Brief]:
    sites = {"demo": demo, "assen": assen}
    found = {}
    for naam, (site, viewer, code, vraag) in BRIEVEN.items():
        answer = sites[site].client.get(f"/wijkbrief/{code}.pdf{vraag}", headers=bearer(viewer))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:300]
        text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
        pdf = pikepdf.open(BytesIO(answer.content))
        found[naam] = Brief(pdf, text.stdout.decode(), list(walk(pdf.Root.StructTreeRoot.K[0])))
    return found


def walk(element: Any):
    if isinstance(element, pikepdf.Dictionary) and "/S" in element:
        yield str(element.S), element
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from walk(kid)


@pytest.fixture(params=BRIEVEN)
def brief(request, brieven) -> Brief:
    return brieven[request.param]


def test_two_pages_a4_with_every_part(brief):
    assert len(brief.pdf.pages) == 2
    assert {tuple(round(float(side)) for side in page.mediabox) for page in brief.pdf.pages} == {(0, 0, 595, 842)}
    places = [brief.tekst.index(kop) for kop in KOPPEN]
    assert places == sorted(places)
    assert "bladzijde 1 van 2" in brief.tekst
    assert "bladzijde 2 van 2" in brief.tekst


def test_it_says_what_it_is_to_who_hears_it(brief):
    root = brief.pdf.Root
    assert (str(root.Lang), bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (
        "nl",
        True,
        True,
    )
    with brief.pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("Wijkbrief ")
    assert all(page.Tabs == pikepdf.Name.S for page in brief.pdf.pages)


def test_headings_are_in_order_and_figures_have_words(brief):
    headings = [tag for tag, _ in brief.tags if re.fullmatch("/H[1-6]", tag)]
    assert headings == ["/H1", *["/H2"] * len(KOPPEN)]
    figures = [element for tag, element in brief.tags if tag == "/Figure"]
    assert all(len(str(figure.get("/Alt", ""))) > 1 for figure in figures)
    maps = [str(figure.Alt) for figure in figures if len(str(figure.Alt)) > 20]
    # Without a border there is nothing to draw, and then the letter says so.
    assert len(maps) == (0 if "geen grens bekend" in brief.tekst else 3)


def test_every_head_of_a_table_says_what_it_heads(brief):
    heads = [element for tag, element in brief.tags if tag == "/TH"]
    assert {str(head.A.Scope) for head in heads} == {"/Row", "/Column"}
    assert sum(tag == "/Table" for tag, _ in brief.tags) >= 1
    known = {str(head.ID) for head in heads}
    cells = [element for tag, element in brief.tags if tag == "/TD"]
    assert all({str(name) for name in cell.A.Headers} <= known and len(cell.A.Headers) > 0 for cell in cells)


def test_all_that_is_drawn_is_tagged_or_decoration(brief):
    """Marks in each page are those of the tree; nothing stands outside both."""
    for page in brief.pdf.pages:
        depth, marks = 0, set()
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                depth += 1
                if name == "BDC":
                    marks.add(int(operands[1].MCID))
            elif name == "EMC":
                depth -= 1
            elif name in ("Tj", "TJ", "Do", "f", "S", "B", "f*"):
                assert depth > 0, name
        tree = {int(kid) for _, element in brief.tags if element.get("/Pg") == page.obj for kid in numbers(element)}
        assert marks == tree


def numbers(element):
    kids = element.get("/K", [])
    return [kid for kid in (kids if isinstance(kids, pikepdf.Array) else [kids]) if isinstance(kid, int)]


def test_fonts_are_inside(brief):
    fonts = [font for page in brief.pdf.pages for font in page.Resources.Font.values()]
    assert fonts
    for font in fonts:
        for descendant in font.get("/DescendantFonts", [font]):
            assert {"/FontFile2", "/FontFile3", "/FontFile"} & set(descendant.FontDescriptor.keys())


def test_links_go_to_the_letter_and_are_named(brief, demo, assen):
    links = [link for page in brief.pdf.pages for link in page.get("/Annots", [])]
    addresses = {str(link.A.URI) for link in links}
    assert len(addresses) == 1
    assert next(iter(addresses)).startswith((f"{demo.address}/wijkbrief/", f"{assen.address}/wijkbrief/"))
    assert all(str(link.Contents) for link in links)


# --- figures


def read(site, code, viewer=None, **vraag):
    answer = site.get(f"/wijkbrief/{code}", viewer, {"accept": "text/html"}, **vraag)
    assert answer.status_code == 200, answer.text[:300]
    return lxml_html.fromstring(answer.text)


def table(page, begin):
    (found,) = [t for t in page.iter("table") if t.find("caption").text_content().startswith(begin)]
    return [[re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row] for row in found.iter("tr")][1:]


@pytest.mark.parametrize(("viewer", "vraag"), [(None, {}), (MANAGER, {}), (MANAGER, {"intern": "1"})])
def test_figures_are_those_of_the_api(demo, viewer, vraag):
    profile = demo.get("/v1/gebieden/GM0153-SD-zuid/profiel", viewer if vraag else None).json()
    parts = [(laag, bron) for laag in ("meldingen", "bezoeken") for bron in profile[laag]]
    shown = table(read(demo, "GM0153-SD-zuid", viewer, **vraag), "Cijfers van Zuid")
    assert len(shown) == len(parts) > 3
    for row, (laag, bron) in zip(shown, parts, strict=True):
        figure = bron["totaal"]
        assert (row[0], row[1]) == (f"{bron['bron']} ({laag})", bron["periode_naam"])
        assert row[2:4] == [number_or_dash(figure["aantal"]), rate_or_dash(figure["per_1000"])]
        assert row[6:] == [rate_or_dash(bron["gemeente"]["per_1000"]), STATUS_WOORD[figure["status"]]]
    subjects = table(read(demo, "GM0153-SD-zuid", viewer, **vraag), "Waar het over gaat")
    first = profile["meldingen"][0]
    pairs = list(zip(first["per_categorie"], first["gemeente_per_categorie"], strict=True))
    expected = [here for here, whole in pairs if whole["aantal"] != 0]
    # A source has topics that it never counts; those are no row of noughts.
    assert 0 < len(expected) < len(pairs)
    assert [row[:2] for row in subjects] == [[f["categorie_naam"], number_or_dash(f["aantal"])] for f in expected]


def test_the_map_as_a_table_has_the_figures_of_the_api(demo):
    page = read(demo, RUIM)
    shown = {row[0]: row[2:5] for row in table(page, "Buurten op de kaart")}
    items = demo.features("meldingen-per-gebied", niveau="buurt")
    found = {f["properties"]["gebied_naam"]: f["properties"] for f in items}
    assert len(shown) > 3
    for naam, cells in shown.items():
        figure = found[naam]
        words = [number_or_dash(figure["aantal"]), rate_or_dash(figure["per_1000"]), STATUS_WOORD[figure["status"]]]
        assert cells == words


def test_the_public_letter_is_the_same_for_everyone(demo):
    def said(viewer):
        main = read(demo, "GM0153-SD-noord", viewer).get_element_by_id("inhoud")
        for link in main.xpath(".//a[contains(@href, 'intern=1')]"):
            link.drop_tree()
        return re.sub(r"\s+", " ", lxml_html.tostring(main, encoding="unicode"))

    assert said(None) == said(NOORD) == said(MANAGER)


def test_an_internal_letter_is_for_who_works_there(demo):
    for viewer, code in ((None, "GM0153-SD-noord"), (NOORD, "GM0153-SD-zuid"), (Viewer(Role.BEHEERDER), "GM0153")):
        for page in (code, f"{code}.pdf"):
            assert demo.get(f"/wijkbrief/{page}", viewer, intern="1").status_code == 404
    assert (
        "Deze brief heeft cijfers die niet openbaar zijn"
        in read(demo, "GM0153-SD-noord", NOORD, intern="1").text_content()
    )


def test_actions_and_the_mark_are_in_the_internal_letter_only(demo, brieven, demo_url):
    actions = [naam for (naam,) in rows(demo_url, "select naam from intern.interventie")]
    public, internal = brieven["stadsdeel"].tekst, brieven["stadsdeel, intern"].tekst
    assert len(actions) > 3
    assert [naam for naam in actions if naam in public] == []
    assert [naam for naam in actions if naam in internal]
    assert internal.count("INTERN, niet verspreiden") == 2
    assert "INTERN" not in public
    # The large mark is decoration: it is drawn, and read out by nobody.
    assert len(brieven["stadsdeel, intern"].pdf.pages[0].Resources.get("/XObject", {})) > 0


def test_an_internal_letter_stands_in_the_log(demo, demo_url):
    read(demo, "GM0153-SD-noord", NOORD, intern="1")
    query = "select 1 from intern.logboek where handeling = 'wijkbrief intern' and object = 'GM0153-SD-noord'"
    for _ in range(100):
        if rows(demo_url, query):
            return
        time.sleep(0.1)
    pytest.fail("niet vastgelegd")


def test_what_is_not_known_is_refused(demo):
    assert demo.get("/wijkbrief/BU99999999").status_code in (400, 404)
    assert demo.get("/wijkbrief/GM0153.pdf", bladzijden="3").status_code == 400
    assert demo.get("/wijkbrief/GM0153", intern="ja").status_code == 400


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_the_page_can_be_used_by_everyone(visit, demo, size):
    visitor = visit(size=size)
    visitor.page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(NOORD)}")
    visitor.page.goto(f"{demo.address}/gebied/GM0153-SD-noord")
    visitor.page.get_by_role("link", name="Wijkbrief").click()
    visitor.page.get_by_text("De kaarten als tabel").click()
    assert violations(visitor.page) == []
    assert (visitor.errors, {u for u in visitor.requests if not u.startswith(demo.address)}) == ([], set())
