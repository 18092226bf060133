"""What is kept or shared of a page is what the page shows, and nothing more: files, picture, paper and link."""

from __future__ import annotations

import csv
import io
import struct
from urllib.parse import parse_qsl, urlsplit

import pyogrio
import pytest
from lxml import html as lxml_html

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.lezers import READERS
from tests.geo_service.api.website import bearer
from tests.geo_service.pages.kaartlezer import VALUES, from_api, open_map, question, table

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
ASSEN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
BOTHOVEN = "BU01530003"
CASES = {
    "demo, publiek": ("demo", None, ""),
    "demo, wijkregisseur": ("demo", NOORD, ""),
    "demo, publiek, wijken per inwoner": ("demo", None, "?niveau=wijk&noemer=inwoners&categorie=afval&periode=2026"),
    "demo, wijkregisseur, maand": ("demo", NOORD, "?periode=2026-05&categorie=afval"),
    "assen, manager": ("assen", ASSEN, ""),
    "demo, bezoeken": ("demo", NOORD, "?thema=bezoeken&niveau=wijk"),
}
COLOURS = """async rule => {
    const blob = await Buurtsignaal.plaatje(Buurtsignaal.huidige().map, rule, location.href);
    const image = await createImageBitmap(blob);
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
    pen.drawImage(image, 0, 0);
    const found = new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer));
    const code = fill => (0xff000000 | parseInt(fill.slice(5, 7) + fill.slice(3, 5) + fill.slice(1, 3), 16)) >>> 0;
    const fills = [...document.querySelectorAll('.bs-legenda [data-klasse] rect')].map(one => one.getAttribute('fill'));
    const known = fills.map(code);
    return [image.width, known.length, known.filter(colour => found.has(colour)).length];
}"""


@pytest.fixture
def site(request):
    return request.getfixturevalue(request.param)


cases = pytest.mark.parametrize(("site", "viewer", "query"), CASES.values(), ids=CASES, indirect=["site"])


def read(site, path, viewer=None):
    answer = site.client.get(path, headers={"accept": "text/html", **bearer(viewer)})
    assert answer.status_code == 200, answer.text[:500]
    return lxml_html.fromstring(answer.text)


def rows_of(page):
    """The table of the map as {code: (status, aantal, per_1000, laag, hoog)}, raw."""
    found = {}
    for row in page.xpath("//table[@id='bs-tabel']/tbody/tr"):
        (aantal,), (rate,), (interval,) = (
            row.xpath(f"td[@data-kolom='{name}']") for name in ("aantal", "per_1000", "interval")
        )
        values = (
            aantal.get("data-waarde"),
            rate.get("data-waarde"),
            interval.get("data-laag"),
            interval.get("data-hoog"),
        )
        found[row.get("data-gebied-code")] = (row.get("data-status"), *values)
    return found


def links_of(page, name):
    (link,) = [
        link for link in page.xpath("//*[contains(@class, 'bs-bewaren')]//a/@href") if link.endswith(f"f={name}")
    ]
    return link


def read_file(body, name):
    """The properties of each row; an area that cannot be drawn has no place in either file."""
    if name == "csv":
        return list(csv.DictReader(io.StringIO(body.decode())))
    return [properties for properties, _ in READERS[name](body).values()]


def as_rows(features, key="gebied_code"):
    return {
        properties[key]: (properties["status"], *(_number(properties[name]) for name in VALUES))
        for properties in features
    }


def _number(value):
    return "" if value is None or value == "" or value != value else float(value)


def as_numbers(rows):
    return {code: (status, *(_number(value) for value in values)) for code, (status, *values) in rows.items()}


@cases
def test_a_file_holds_exactly_the_table(site, viewer, query, tmp_path):
    page = read(site, f"/kaart{query}", viewer)
    shown = as_numbers(rows_of(page))
    assert len(shown) > 5
    for name in ("csv", "gpkg"):
        answer = site.client.get(links_of(page, name), headers=bearer(viewer))
        assert answer.status_code == 200
        features = read_file(answer.content, name)
        assert as_rows(features) == shown
        for properties in features:
            assert properties["periode"]
            assert "dekking" in properties
            assert properties["herkomst"].startswith("Bron: ")
    path = tmp_path / "kaart.gpkg"
    path.write_bytes(answer.content)
    told = pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"]
    for part in ("eenheid: " if "thema" not in query else "waar de bezoeker vandaan komt", "dekking: ", "periode: "):
        assert part in told
    assert ("zijn verborgen" in told) == (viewer is not ASSEN)
    assert ("kleine aantallen" in told) == (viewer is not None)


def test_a_file_for_the_public_hides_what_staff_see(demo):
    """The same link gives each their own: what a colleague shares is no way around the rules."""
    link = links_of(read(demo, "/kaart", NOORD), "csv")
    public = as_rows(read_file(demo.client.get(link).content, "csv"))
    staff = as_rows(read_file(demo.client.get(link, headers=bearer(NOORD)).content, "csv"))
    hidden = {code for code, (status, *_) in public.items() if status == "onderdrukt"}
    assert {code for code in hidden if staff[code][0] != "onderdrukt"}
    assert all(
        values == ("", "", "", "") for code, (_, *rest) in public.items() if code in hidden for values in [tuple(rest)]
    )


@pytest.mark.parametrize("viewer", [None, NOORD], ids=["publiek", "wijkregisseur"])
def test_a_series_is_kept_as_it_is_shown(demo, viewer):
    page = read(demo, f"/gebied/{BOTHOVEN}", viewer)
    document = demo.get(f"/v1/gebieden/{BOTHOVEN}/profiel", viewer).json()
    links = [link for link in page.xpath("//*[@class='bs-reeksbestanden']/a/@href") if link.endswith("f=csv")]
    series = [bron["reeks"] for laag in ("meldingen", "bezoeken") for bron in document[laag]]
    assert len(links) == len(series) > 3
    for link, reeks in zip(links, series, strict=True):
        kept = as_rows(read_file(demo.client.get(link, headers=bearer(viewer)).content, "csv"), "periode")
        shown = {one["periode"]: (one["status"], *(_number(one[name]) for name in VALUES)) for one in reeks}
        # A quarter before the source began is on the page as not covered, and no row of the API.
        assert kept.items() <= shown.items()
        assert all(shown[code][0] == "niet_gedekt" for code in shown.keys() - kept.keys())
        assert kept


def test_the_address_to_share_asks_the_same_question_for_everyone(demo):
    page = read(demo, "/kaart", NOORD)
    (address,) = page.xpath("//ul/@data-adres")
    asked = dict(parse_qsl(urlsplit(address).query))
    assert set(asked) == {"gemeente", "niveau", "bron", "categorie", "periode", "noemer"}
    assert rows_of(read(demo, address, NOORD)) == rows_of(page)
    assert as_numbers(rows_of(read(demo, address))) == as_numbers(from_api(demo, asked))


def test_each_theme_is_kept_as_what_it_shows(demo):
    """Beside reports stand the dwellings in a file of their own; each address shows its theme again."""
    for thema, wanted in (("samen", 4), ("wonen", 2), ("dekking", 2)):
        page = read(demo, f"/kaart?thema={thema}&niveau=buurt", NOORD)
        (address,) = page.xpath("//div[@data-deel='bewaren']/ul/@data-adres")
        assert read(demo, address, NOORD).xpath("//h1/@data-thema") == [thema]
        links = page.xpath("//div[@data-deel='bewaren']//a/@href")
        assert len(links) == wanted
        name = {"samen": "aantal", "wonen": "corporatie_pct", "dekking": "dekking"}[thema]
        kolom = {"wonen": "waarde"}.get(thema, name)
        kept = read_file(demo.client.get(links[0], headers=bearer(NOORD)).content, "csv")
        cells = page.xpath(f"//table[@id='bs-tabel']//td[@data-kolom='{kolom}']/@data-waarde")
        codes = page.xpath("//table[@id='bs-tabel']//tr/@data-gebied-code")
        shown = dict(zip(codes, map(_number, cells), strict=True))
        assert {row["gebied_code"]: _number(row[name]) for row in kept} == shown
        assert any(value != "" for value in shown.values())


@pytest.mark.browser
def test_a_picture_has_no_single_reports(visit, demo):
    """With the layer of points switched on it is the same picture, to the byte."""
    page = open_map(visit(), demo, "?periode=2026-Q2", NOORD)
    page.get_by_text("Bewaren en delen").click()
    with page.expect_download():
        page.get_by_role("button", name="Kaart als afbeelding").click()
    picture = """async () => {
        const blob = await Buurtsignaal.plaatje(Buurtsignaal.huidige().map, "", "/kaart");
        const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
        return [...new Uint8Array(bytes)].join();
    }"""
    before = page.evaluate(picture)
    page.get_by_label("Meldingen als punten").check()
    points = page.locator(".bs-tros-meldingen, .bs-punt-melding")
    points.first.wait_for()
    assert page.evaluate(picture) == before
    page.emulate_media(media="print")
    assert not points.first.is_visible()
    page.emulate_media(media="screen")
    page.get_by_label("Wijkwijzers", exact=True).uncheck()
    assert page.evaluate(picture) != before


@pytest.mark.browser
def test_by_keyboard_a_picture_a_print_and_a_link(visit, demo):
    watched = visit()
    page = open_map(watched, demo, "?niveau=wijk")
    page.get_by_text("Bewaren en delen").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Kaart als afbeelding")
    button.focus()
    with page.expect_download() as kept:
        page.keyboard.press("Enter")
    assert kept.value.suggested_filename.startswith("kaart-enschede-wijk-alle-2026-q")
    with open(kept.value.path(), "rb") as file:
        head = file.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) > (2000, 1200)
    width, known, drawn = page.evaluate(COLOURS, "")
    assert width > 2000
    assert known == drawn > 2
    # Where the browser does not copy, the reader does.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('mag niet')); }")
    page.get_by_role("button", name="Kopieer de link").press("Enter")
    field = page.get_by_label("De link naar wat u nu ziet")
    field.wait_for()
    link = field.input_value()
    assert page.evaluate("document.activeElement.selectionEnd") == len(link)
    assert "Ctrl en C" in page.locator(".bs-bewaren [role=status]").inner_text()
    assert violations(page) == []
    shown = table(page)
    page.evaluate("() => { window.print = () => (window.geprint = true); }")
    page.get_by_role("button", name="Print of PDF").press("Enter")
    assert page.evaluate("window.geprint")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Bewaren en delen"
    page.goto(link)
    page.wait_for_selector("[data-klaar=ja]")
    assert table(page) == shown == from_api(demo, question(page))
    assert watched.errors == []
    assert all(url.startswith((demo.address, f"blob:{demo.address}")) for url in watched.requests)


@pytest.mark.browser
def test_what_was_chosen_in_place_is_what_is_kept(visit, demo):
    page = open_map(visit(), demo)
    page.get_by_label("Gebieden", exact=True).select_option("stadsdeel")
    page.wait_for_function("() => document.querySelectorAll('path.bs-gebied').length === 5")
    links = page.locator(".bs-bewaren-lijst a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert len(links) == 2
    assert all("niveau=stadsdeel" in link for link in links)
    features = read_file(demo.client.get(links[0]).content, "csv")
    assert as_rows(features) == as_numbers(table(page))


@pytest.mark.browser
def test_paper_has_map_legend_table_and_rules_and_gives_the_screen_back(visit, demo):
    page = open_map(visit("telefoon"), demo)
    size = "() => { const map = document.querySelector('.bs-kaart'); return [map.offsetWidth, map.offsetHeight]; }"
    before, view = page.evaluate(size), page.evaluate("Buurtsignaal.huidige().map.getZoom()")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate(size) == [700, 430]
    for shown in (".bs-kaart path.bs-gebied", ".bs-legenda", "#bs-tabel tbody tr", ".bs-alleen-afdruk"):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in ("nav", ".bs-filter", ".bs-acties", ".leaflet-control-zoom", ".bs-voet"):
        assert not page.locator(hidden).first.is_visible(), hidden
    told = page.locator(".bs-alleen-afdruk").inner_text()
    assert "zijn verborgen" in told
    assert "Afgedrukt op" in told
    assert "/kaart?gemeente=GM0153" in told
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(size) == before
    assert page.evaluate("Buurtsignaal.huidige().map.getZoom()") == view
    for path in (f"/gebied/{BOTHOVEN}", "/voorzieningen"):
        page.goto(demo.address + path)
        page.emulate_media(media="print")
        assert page.locator("h1").is_visible()
        assert page.locator("table").first.is_visible()
        assert not page.locator("nav").first.is_visible()
        page.emulate_media(media="screen")


@pytest.mark.browser
def test_a_lost_connection_keeps_the_map_and_asks_again(visit, demo):
    page = open_map(visit(), demo)
    before = table(page)
    page.route("**/kaart?**", lambda route: route.abort())
    page.get_by_label("Gebieden", exact=True).select_option("wijk")
    alarm = page.get_by_role("alert")
    alarm.wait_for()
    assert "verbinding" in alarm.inner_text()
    assert page.locator("main").get_attribute("aria-busy") is None
    assert table(page) == before
    assert violations(page) == []
    page.unroute("**/kaart?**")
    page.get_by_role("button", name="Probeer opnieuw").press("Enter")
    page.wait_for_function("() => document.querySelectorAll('path.bs-gebied').length === 10")
    assert not alarm.is_visible()
    assert page.evaluate("document.activeElement.name") == "niveau"
    assert table(page) == from_api(demo, question(page)) != before


@pytest.mark.browser
def test_the_guided_visit_once_and_whenever_it_is_asked_for(visit, demo):
    with visit().page.context.browser.new_context(
        reduced_motion="reduce", viewport={"width": 390, "height": 844}
    ) as fresh:
        page = fresh.new_page()
        page.goto(f"{demo.address}/kaart#kaart=12/52.2215/6.8937&lagen=gebieden")
        page.wait_for_selector("[data-klaar=ja]")
        guide = page.locator(".bs-rondleiding")
        assert not guide.is_visible()
        page.goto("about:blank")
        page.goto(f"{demo.address}/kaart")
        guide.wait_for()
        assert page.evaluate("document.activeElement === document.body")
        assert violations(page) == []
        for step, title in enumerate(("Kies wat", "Lees de", "Geen kleur", "Controleer"), 1):
            assert f"Stap {step} van 4" in guide.inner_text()
            assert guide.get_by_role("heading").inner_text().startswith(title)
            assert page.locator(".bs-rondleiding-doel").count() == 1
            guide.locator("[data-stap=verder]").press("Enter")
        assert not guide.is_visible()
        page.reload()
        page.wait_for_selector("[data-klaar=ja]")
        page.wait_for_timeout(100)
        assert not guide.is_visible()
        page.get_by_role("button", name="Rondleiding").press("Enter")
        guide.wait_for()
        assert page.evaluate("document.activeElement.id") == "bs-rondleiding-kop"
        page.keyboard.press("Escape")
        assert not guide.is_visible()
        assert page.evaluate("document.activeElement.textContent") == "Rondleiding"
        assert page.locator(".bs-rondleiding-doel").count() == 0
