"""What stands out: layers, order, words and figures of the results, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from geo_service.domain.hotspots import KLASSEN, METHODEN
from geo_service.jobs.analyse.kaartjes import VERLOOP
from maps.hotspots import HOTSPOTLAGEN, KLASSE_WOORD, laag_van, make_groepen, make_resultaten, short_name
from maps.kaart import render_document, render_opvalt
from maps.klassen import PALET
from maps.legenda import render_legend
from maps.model import HOTSPOTS, Zoeking
from maps.stijl import GRIJS, OMTREK, WIT, verloop_lijnen
from tests.maps.stad import NO_FIGURES, collection, hotspot, make_stad, result, with_results

STAD = make_stad(voorzieningen=0)
RIJK = with_results(STAD)
NIETS = replace(STAD, hotspots=collection([]))


def cards(model):
    section = lxml_html.fromstring(render_opvalt(model))
    return {card.get("data-resultaat"): card for card in section.xpath("//article")}


def with_hotspots(*features):
    return replace(STAD, hotspots=collection(list(features)))


def test_the_layers_are_the_methods_and_classes_of_the_service():
    assert tuple(laag.slug for laag in HOTSPOTLAGEN) == HOTSPOTS
    assert {laag.methode for laag in HOTSPOTLAGEN} == set(METHODEN)
    assert set(KLASSE_WOORD) == set(KLASSEN)
    for soort, (words, _) in VERLOOP.items():
        for kant in ("hoog", "laag"):
            assert KLASSE_WOORD[f"{soort}-{kant}"] == words.format(kant=kant)


@pytest.mark.parametrize(
    ("methode", "klasse", "slug"),
    [
        ("punten", "dicht-bij-elkaar", "punten"),
        ("scan", "hoog", "hoog"),
        ("scan", "nieuw", "nieuw"),
        ("opkomend", "nieuw-hoog", "opkomend"),
        ("blinde-vlekken", "stil", "stil"),
    ],
)
def test_a_result_belongs_to_one_layer(methode, klasse, slug):
    assert laag_van({"methode": methode, "klasse": klasse}).slug == slug


@pytest.mark.parametrize(
    "wrong", [{"methode": "heks"}, {"methode": "scan"}, {"methode": "opkomend", "klasse": "{{x}}"}]
)
def test_a_result_of_no_layer_is_refused(wrong):
    with pytest.raises(ValueError, match="onbekende methode of klasse"):
        laag_van(wrong)


def test_a_result_without_a_method_is_of_points():
    assert laag_van({"titel": "Afval"}).slug == "punten"


def test_results_come_by_name_of_the_area_and_never_by_size():
    counts = {"Walhof": 900, "De Laares": 11, "bolhaar": 400}
    found = [result("scan", "hoog", [i], buurten=name, aantal=n) for i, (name, n) in enumerate(counts.items())]
    assert [r.naam for r in make_resultaten(with_hotspots(*found))] == ["bolhaar", "De Laares", "Walhof"]


def test_of_one_area_they_come_from_west_to_east():
    west, east = (result("scan", "hoog", [i], buurten="City", aantal=n) for i, n in ((2, 15), (6, 80)))
    for order in ([west, east], [east, west]):
        found = make_resultaten(with_hotspots(*order))
        assert [(r.naam, r.ruw["aantal"]) for r in found] == [("City, plek 1", 15), ("City, plek 2", 80)]


@pytest.mark.parametrize(
    ("buurten", "shown"),
    [
        ("City", "City"),
        ("City, Velve", "City en Velve"),
        ("City, Velve, Getfert", "City, Velve en Getfert"),
        ("City, Velve, Getfert, Pathmos", "City, Velve, Getfert en meer"),
    ],
)
def test_a_long_list_of_buurten_is_named_by_the_first(buurten, shown):
    assert short_name({"buurten": buurten}) == shown


def test_a_card_tells_what_the_api_gives():
    feature = result("blinde-vlekken", "stil", [56])
    properties = feature["properties"]
    card = cards(with_hotspots(feature))["stil-1"]
    assert card.find("h4").text == properties["buurten"]
    words = card.text_content()
    for name in ("titel", "uitleg", "hoe_zeker", "wat_niet", "herkomst"):
        assert properties[name] in words
    assert [li.text for li in card.xpath(".//li")] == properties["vragen"]
    shown = {dd.get("data-veld"): dd.get("data-waarde") for dd in card.xpath(".//dd[@data-veld]")}
    assert shown == {name: str(properties[name]) for name in ("aantal", "verwacht", "verhouding")}
    assert "1 juli t/m 30 september 2024" in words


@pytest.mark.parametrize(("klasse", "laag"), [("hoog", "hoog"), ("nieuw", "nieuw")])
def test_the_figures_of_a_scan_are_words_with_units(klasse, laag):
    card = cards(with_hotspots(result("scan", klasse, [4])))[f"{laag}-1"]
    assert {dt.text: dd.text for dt, dd in zip(card.iter("dt"), card.iter("dd"), strict=True)} == {
        "Meldingen": "57",
        "Verschillende plekken": "31, geteld als melders of adressen, per buurt",
        "Te verwachten plekken": "12,4",
        "Verhouding": "2,50 keer het verwachte",
        "Kans op toeval": "1,2%",
        "Periode": "1 juli t/m 30 september 2024",
    }


def test_a_suppressed_result_shows_no_figure_anywhere():
    """Its numbers are not in the model; nothing makes one up."""
    secret = result("scan", "hoog", [4], status="onderdrukt", uitleg="Meer dan verwacht.", **NO_FIGURES)
    model = with_hotspots(secret)
    card = cards(model)["hoog-1"]
    assert "verborgen om privacy" in card.text_content()
    assert card.xpath(".//*[@data-waarde]") == []
    assert not re.search(r"Meldingen|Verhouding|Kans", "".join(dt.text for dt in card.iter("dt")))
    page = render_document(model)
    assert 'data-aantal=\\"\\" data-plekken=\\"\\"' in page or "data-aantal=\\u0022\\u0022 data-plekken" in page
    assert "None" not in card.text_content()


def test_a_course_has_no_count_and_is_not_called_too_few():
    words = cards(RIJK)["opkomend-1"].text_content()
    assert "te weinig" not in words
    assert "Meldingen" not in words


@pytest.mark.parametrize(
    ("berekend", "reden", "said"),
    [
        (True, "", "Niets gevonden dat meer is dan toeval."),
        (False, "", "Niet berekend voor deze bron en periode."),
        (False, "Niet berekend. Te weinig weken.", "Niet berekend. Te weinig weken."),
    ],
)
def test_nothing_found_is_not_the_same_as_not_computed(berekend, reden, said):
    model = replace(NIETS, gezocht=(Zoeking("hoog", berekend, reden),))
    (groep,) = make_groepen(model)
    assert said in groep.tekst
    section = lxml_html.fromstring(render_opvalt(model))
    assert [h.text for h in section.iter("h3")] == ["Meer dan verwacht"]
    assert said in section.text_content()


def test_a_layer_that_was_not_asked_for_is_not_spoken_of():
    assert render_opvalt(NIETS) == ""
    assert 'id="opvalt"' not in render_document(NIETS)


def test_layers_that_start_switched_off_are_closed():
    groups = lxml_html.fromstring(render_opvalt(RIJK)).xpath("//details[@data-laag]")
    assert [(g.get("data-laag"), g.get("open") is not None) for g in groups] == [
        ("punten", True),
        ("hoog", True),
        ("nieuw", True),
        ("opkomend", False),
        ("stil", False),
    ]


def test_the_legend_names_each_layer_and_the_courses_that_occur():
    legend = lxml_html.fromstring(render_legend(RIJK))
    named = {li.get("data-laag-naam"): int(li.get("data-n")) for li in legend.xpath("//li[@data-laag-naam]")}
    assert {slug: named[slug] for slug in HOTSPOTS} == dict.fromkeys(HOTSPOTS, 2)
    courses = [text.strip() for text in legend.xpath("//*[@class='bs-legenda-klassen']//text()") if text.strip()]
    assert courses == ["bijna altijd hoog, en stijgend", "lang laag, nu niet meer"]


def test_every_class_has_a_symbol_of_its_own():
    page = render_document(RIJK)
    symbols = dict(re.findall(r'<symbol id="bs-teken-([\w-]+)"[^>]*>(.*?)</symbol>', page, re.S))
    assert set(symbols) == set(KLASSEN)
    assert len(set(symbols.values())) == len(symbols)
    assert set(re.findall(r'href="#bs-teken-([\w-]+)"', page)) <= set(symbols)


def test_a_falling_course_falls_on_the_symbol_whether_high_or_low():
    for klasse, lijn in verloop_lijnen().items():
        heights = [int(y) for y in lijn.split()[1::2]]
        if klasse.startswith("stijgend"):
            assert heights[0] > heights[-1]
        if klasse.startswith("dalend"):
            assert heights[0] < heights[-1]
        if klasse.startswith("blijvend"):
            assert (heights[-1] < 13) == klasse.endswith("hoog")


def luminance(kleur: str) -> float:
    parts = [int(kleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_outlines_differ_without_colour_and_stand_out_on_every_fill():
    """The dashes stand out from the white edge below them, and one of the two from whatever the area has."""
    assert len({(o.dash, o.kap) for o in OMTREK.values()}) == len(OMTREK) == len(HOTSPOTS) - 1
    for omtrek in OMTREK.values():
        assert contrast(omtrek.kleur, WIT) >= 4.5
        for fill in (*PALET, GRIJS, WIT):
            assert max(contrast(omtrek.kleur, fill), contrast(WIT, fill)) >= 3


def test_texts_of_a_result_stay_text():
    evil = '"><script>alert(1)</script>{{ 7*7 }}'
    model = with_hotspots(
        result("scan", "hoog", [4], titel=evil, buurten=evil, uitleg=evil, vragen=[evil], herkomst=evil)
    )
    page = render_document(model)
    assert "alert(1)</script>" not in page
    assert len(lxml_html.fromstring(page.removeprefix("<!DOCTYPE html>\n")).xpath("//script")) == 1
    assert cards(model)["hoog-1"].find("h4").text == evil


def test_a_result_without_a_place_is_told_but_not_linked():
    card = cards(with_hotspots(hotspot(2, 4, 1) | {"geometry": None}))["punten-1"]
    assert card.xpath(".//a") == []
