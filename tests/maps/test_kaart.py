"""Map, legend and table as HTML: the same figures everywhere, nothing from outside, nothing unescaped."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from maps import assets
from maps.getallen import format_cijfer
from maps.kaart import page_context, render_document, render_fragment
from maps.legenda import render_legend
from maps.model import BaseMap, KaartModel
from maps.tabel import render_table
from maps.teksten import STATUS_WOORD, make_cijfers
from tests.maps.paginas import OTHER_PAGES, render_map_page, render_other_page
from tests.maps.stad import STATUS_OF, collection, make_stad, with_gebieden

STAD = make_stad()
EMPTY = replace(
    STAD,
    gebieden=collection([]),
    wijkwijzers=collection([]),
    voorzieningen=collection([]),
    hotspots=collection([]),
)
BRT = BaseMap("https://tegels.example/{z}/{x}/{y}.png", "BRT", "Kadaster <b>", "https://kadaster.example/brt")


def texts(model: KaartModel, kind: str) -> list[dict[str, str]]:
    """Label and card of everything of a kind, in the order in which it is drawn."""
    script = render_fragment(model).script
    everything = json.loads(re.search(r"Buurtsignaal\.onthoud\((.*)\);\n", script)[1])
    drawn = re.findall(r'"id": "([a-z]+)-(\d+)"', script)
    return [everything[f"{name}-{number}"] for name, number in drawn if name == kind]


def popups(model: KaartModel) -> dict[str, lxml_html.HtmlElement]:
    cards = [lxml_html.fromstring(text["popup"]) for text in texts(model, "gebied")]
    return {card.get("data-gebied-code"): card for card in cards}


def rows(model: KaartModel) -> dict[str, lxml_html.HtmlElement]:
    table = lxml_html.fromstring(render_table(model))
    return {row.get("data-gebied-code"): row for row in table.iter("tr") if row.get("data-gebied-code")}


def cell(row: lxml_html.HtmlElement, kolom: str) -> lxml_html.HtmlElement:
    return row.xpath(f".//td[@data-kolom='{kolom}']")[0]


@pytest.mark.parametrize("eenheid", ["per_1000", "aantal"])
def test_popup_and_table_show_the_same_figures_as_the_model(eenheid):
    model = replace(STAD, eenheid=eenheid)
    table, cards = rows(model), popups(model)
    assert len(table) == len(cards) == 70
    for feature in model.gebieden["features"]:
        p = feature["properties"]
        row, card = table[p["gebied_code"]], cards[p["gebied_code"]]
        for name in ("aantal", "per_1000"):
            raw = "" if p[name] is None else str(p[name])
            assert cell(row, name).get("data-waarde") == raw
            assert card.get(f"data-{name.replace('_', '-')}") == raw
            shown = "–" if p[name] is None else format_cijfer(p[name], name)
            assert cell(row, name).text_content() == shown
        headline = card.find_class("bs-kaartje-cijfer")[0].text_content().lower()
        expected = STATUS_WOORD[p["status"]] if p[eenheid] is None else format_cijfer(p[eenheid], eenheid)
        assert headline.startswith(expected)
        assert cell(row, "status").text_content() == STATUS_WOORD[p["status"]]


def test_legend_counts_and_ranges_match_the_coloured_areas():
    legend = lxml_html.fromstring(render_legend(STAD))
    listed = {int(li.get("data-klasse")): li for li in legend.xpath("//li[@data-klasse]")}
    areas = Counter()
    for code, row in rows(STAD).items():
        if not row.get("data-klasse"):
            continue
        li = listed[int(row.get("data-klasse"))]
        areas[int(row.get("data-klasse"))] += 1
        value = next(c.waarde for c in make_cijfers(STAD) if c.code == code)
        assert float(li.get("data-laag")) <= value <= float(li.get("data-hoog"))
    assert dict(areas) == {k: int(li.get("data-n")) for k, li in listed.items()}
    first = listed[1].find_class("bs-legenda-tekst")[0].text_content()
    assert first == "0,0"
    last = listed[max(listed)]
    low, high = (format_cijfer(float(last.get(bound)), "per_1000") for bound in ("data-laag", "data-hoog"))
    assert last.find_class("bs-legenda-tekst")[0].text_content() == f"{low} tot en met {high}"


def test_legend_names_every_status_with_its_number_of_areas():
    legend = lxml_html.fromstring(render_legend(STAD))
    named = {li.get("data-status"): int(li.get("data-n")) for li in legend.xpath("//li[@data-status]")}
    assert named == Counter(STATUS_OF.values())
    text = legend.text_content()
    for status in named:
        assert STATUS_WOORD[status][1:] in text


def test_each_status_has_its_own_look():
    looks = {}
    styles = re.search(r"_styler\(feature\) \{(.*?)default:", render_fragment(STAD).script, re.S)[1]
    default = re.search(r"default:\s*return (\{.*?\});", render_fragment(STAD).script, re.S)[1]
    for style in [json.loads(s) for s in [*re.findall(r"return (\{.*?\});", styles), default]]:
        status = re.search(r"bs-status-(\w+)", style["className"])[1]
        looks.setdefault(status, set()).add((style["fillColor"], style.get("dashArray")))
    assert set(looks) == set(STATUS_WOORD)
    assert looks["niet_gedekt"] == {("#ffffff", "6 5")}
    assert looks["onderdrukt"] == {("url(#bs-patroon-onderdrukt)", None)}
    every = [look for status in looks.values() for look in status]
    assert len(every) == len(set(every))


def test_patterns_that_are_used_exist():
    page = render_document(STAD)
    used = set(re.findall(r"url\(#([\w-]+)\)", page))
    assert used
    assert used == used & set(re.findall(r'<pattern id="([\w-]+)"', page))


def test_rows_are_by_name_and_never_by_value():
    names = [row.find("th").text for row in rows(STAD).values()]
    assert names == sorted(names, key=str.casefold)


def test_a_true_zero_is_zero_and_an_unknown_is_not():
    row = rows(STAD)["BU09990003"]
    assert cell(row, "aantal").text_content() == "0"
    assert cell(row, "per_1000").text_content() == "0,0"
    assert cell(rows(STAD)["BU09990007"], "aantal").text_content() == "–"


def test_a_count_without_denominator_misses_only_its_rate():
    model = with_gebieden(replace(STAD, gebieden=collection(STAD.gebieden["features"][:2])), per_1000=None)
    row = next(iter(rows(model).values()))
    assert cell(row, "per_1000").text_content() == "–"
    assert cell(row, "aantal").text_content() != "–"
    assert cell(row, "status").text_content() == "ontbreekt"


def test_an_area_without_boundary_is_in_the_table_only():
    features = [f | {"geometry": None} if i == 0 else f for i, f in enumerate(STAD.gebieden["features"])]
    model = replace(STAD, gebieden=collection(features))
    assert len(texts(model, "gebied")) == 69
    assert "niet op de kaart" in cell(rows(model)["BU09990000"], "opmerking").text_content()
    assert len(rows(model)) == 70


def test_areas_come_by_name_with_the_uncovered_last():
    labels = [text["label"] for text in texts(STAD, "gebied")]
    covered, uncovered = labels[:-2], labels[-2:]
    assert all(label.endswith(": niet gedekt") for label in uncovered)
    for part in (covered, uncovered):
        assert part == sorted(part, key=lambda label: label.split(":")[0].casefold())


def test_every_layer_is_on_the_map():
    found = {kind: len(texts(STAD, kind)) for kind in ("gebied", "punten", "wijkwijzers", "voorzieningen")}
    assert found == {"gebied": 70, "punten": 2, "wijkwijzers": 5, "voorzieningen": 120}
    card = texts(STAD, "punten")[0]["popup"]
    for question in (
        "Wat zien we?",
        "Hoe zeker is dit?",
        "Wat weten we niet?",
        "Wat kunt u bewoners vragen?",
    ):
        assert question in card


@pytest.mark.parametrize("model", [STAD, EMPTY, replace(STAD, base_map=BRT)])
def test_nothing_is_asked_from_outside(model):
    """Every address in an attribute or style that a browser would follow."""
    for page in (render_document(model), render_map_page(model)):
        tree = lxml_html.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
        found = [v for v in tree.xpath("//@src | //@href | //@action | //@srcset") if "//" in v]
        assert found == (["https://kadaster.example/brt"] if model.base_map else [])
        css = "".join(tree.xpath("//style/text()"))
        assert re.findall(r"url\((?!data:|#)[^)]*\)|@import", css) == []
        assert not tree.xpath("//@*[starts-with(name(), 'on')]")
        assert not tree.xpath("//@style")
    assert not re.search(r"cdn|jsdelivr|cloudflare|jquery|bootstrap|openstreetmap", render_fragment(model).script, re.I)


def test_every_script_carries_the_nonce():
    page = lxml_html.fromstring(render_map_page(STAD))
    scripts = page.xpath("//script")
    assert len(scripts) == 6
    assert {script.get("nonce") for script in scripts} == {"dGVzdG5vbmNl"}
    assert page.xpath("//style") == []


@pytest.mark.parametrize("code", ["{{ 7*7 }}", "{% for x in y %}", "{# weg #}", "${7*7}`"])
def test_texts_of_others_stay_text(code):
    """Also for the server: folium's elements would compile a name with braces as a template."""
    evil = f'"><script>alert(1)</script><img src=x onerror=alert(2)>{code}'
    model = with_gebieden(STAD, gebied_naam=evil, dekking=evil, herkomst=evil)
    punten = collection(
        [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [6.9, 52.2]},
                "properties": {"naam": evil},
            }
        ]
    )
    model = replace(model, titel=evil, gemeente_naam=evil, bron=evil, wijkwijzers=punten, voorzieningen=punten)
    for page in (render_document(model), render_map_page(model, gemeente_naam=evil)):
        tree = lxml_html.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
        assert "alert(1)</script>" not in page
        assert tree.xpath("//img") == []
        assert len(tree.xpath("//script")) in (1, 6)
    for card in popups(model).values():
        assert card.find("h2").text == evil
        assert card.xpath("//img | //script") == []
    assert texts(model, "wijkwijzers")[0]["label"] == f"Wijkwijzer: {evil}"


def test_a_base_map_is_used_only_when_set():
    assert "L.tileLayer" not in render_fragment(STAD).script
    fragment = render_fragment(replace(STAD, base_map=BRT))
    assert "https://tegels.example/{z}/{x}/{y}.png" in fragment.script
    assert "Kadaster &lt;b&gt;</a>" in fragment.body
    assert "img-src data: https://tegels.example;" in render_document(replace(STAD, base_map=BRT))


def test_the_same_model_gives_the_same_page():
    assert render_document(STAD) == render_document(make_stad())


def test_a_layer_can_start_switched_off():
    script = render_fragment(replace(STAD, lagen_uit=frozenset({"voorzieningen"}))).script
    assert "marker_cluster_voorzieningen.addTo(map_buurtsignaal)" in render_fragment(STAD).script
    assert "marker_cluster_voorzieningen.addTo(map_buurtsignaal)" not in script
    assert "geo_json_gebieden.addTo(map_buurtsignaal)" in script


def test_approximate_boundaries_are_said_on_the_map():
    assert "Grenzen zijn benaderd" in render_fragment(STAD).body
    assert "benaderd" not in render_fragment(replace(STAD, benaderd=False)).body


def test_without_areas_the_page_says_so_and_draws_nothing():
    parts = page_context(EMPTY)
    assert "Er zijn geen gebieden geladen" in parts["kaartdeel"]
    assert "Er zijn geen gebieden geladen" in parts["tabel"]
    assert "L.map" not in parts["kaart"].script
    assert "Er zijn geen gebieden geladen" in render_document(EMPTY)


def test_a_map_of_seventy_areas_stays_a_page():
    assert len(render_document(STAD).encode()) < 1_500_000


def test_the_table_can_be_left_out():
    assert "<table" not in render_document(STAD, table=False)


@pytest.mark.parametrize("name", OTHER_PAGES)
def test_other_pages_render(name):
    page = lxml_html.fromstring(render_other_page(name))
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//title")[0].text_content().endswith("– Voorbeeldstad – Buurtsignaal")


def test_own_files_are_those_of_the_packages():
    modules = assets.STATIC.parents[1] / "node_modules"
    if not modules.exists():
        pytest.skip("node_modules ontbreekt: npm ci")
    copied = {
        "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
        "leaflet/leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
        "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    }
    for own, theirs in copied.items():
        assert (assets.STATIC / own).read_bytes() == (modules / theirs).read_bytes()


def test_the_lock_file_names_no_mirror():
    lock = json.loads((assets.STATIC.parents[1] / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_every_own_file_has_its_origin_written_down():
    origin = (assets.STATIC / "HERKOMST.md").read_text(encoding="utf-8")
    names = [path.relative_to(assets.STATIC).as_posix() for path in assets.STATIC.rglob("*") if path.is_file()]
    known = [name for name in names if any(part in origin for part in (f"`{name}`", f"`{name.rsplit('/', 1)[0]}/`"))]
    assert sorted(set(names) - set(known)) == ["HERKOMST.md"]


def test_a_base_map_shines_through_the_areas():
    assert '"fillOpacity": 0.75' in render_fragment(replace(STAD, base_map=BRT)).script
    assert '"fillOpacity": 0.75' not in render_fragment(STAD).script
