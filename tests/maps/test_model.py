"""What a map refuses to draw, before any template sees it."""

from dataclasses import replace

import pytest

from maps.model import HOTSPOT_CIJFERS, BaseMap, Zoeking
from tests.maps.stad import NO_FIGURES, collection, make_stad, result, with_gebieden

STAD = make_stad(voorzieningen=3)


@pytest.mark.parametrize("field", ["aantal", "per_1000", "laag", "hoog"])
def test_a_suppressed_area_with_a_value_is_refused(field):
    leak = {"aantal": None, "per_1000": None, "laag": None, "hoog": None, "status": "onderdrukt", field: 3}
    with pytest.raises(ValueError, match="status onderdrukt maar toch een waarde"):
        with_gebieden(STAD, **leak)


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="onbekende status van BU09990000: 'geheim'"):
        with_gebieden(STAD, status="geheim")


def test_a_sensitive_voorziening_is_refused():
    planted = [f | {"properties": f["properties"] | {"gevoelig": True}} for f in STAD.voorzieningen["features"]]
    with pytest.raises(ValueError, match="gevoelige voorziening"):
        replace(STAD, voorzieningen=collection(planted))


@pytest.mark.parametrize("field", HOTSPOT_CIJFERS)
def test_a_suppressed_hotspot_with_a_value_is_refused(field):
    leak = result("scan", "hoog", [3], status="onderdrukt", **NO_FIGURES | {field: 3})
    with pytest.raises(ValueError, match=f"status onderdrukt maar toch een waarde in {field}"):
        replace(STAD, hotspots=collection([leak]))


def test_an_unknown_status_of_a_hotspot_is_refused():
    with pytest.raises(ValueError, match="onbekende status van een hotspot: 'geheim'"):
        replace(STAD, hotspots=collection([result("scan", "hoog", [3], status="geheim")]))


@pytest.mark.parametrize(
    "change",
    [
        {"niveau": "straat"},
        {"eenheid": "procent"},
        {"lagen_uit": frozenset({"x"})},
        {"gezocht": (Zoeking("x", berekend=True),)},
    ],
)
def test_unknown_words_are_refused(change):
    with pytest.raises(ValueError, match="onbekend"):
        replace(STAD, **change)


def test_a_base_map_is_http_and_names_its_host_for_the_policy():
    assert BaseMap("https://tegels.example/{z}/{x}/{y}.png", "BRT", "Kadaster").origin == "https://tegels.example"
    with pytest.raises(ValueError, match="geen http"):
        BaseMap("javascript:alert(1)", "BRT", "Kadaster")


@pytest.mark.parametrize("mark", ["{{ 7*7 }}", "{% if %}", "{# weg #}"])
def test_a_base_map_with_template_code_is_refused(mark):
    with pytest.raises(ValueError, match="sjablooncode"):
        BaseMap(f"https://tegels.example/{mark}", "BRT", "Kadaster")
