"""Small maps for print: what colour tells, a pattern tells as well."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from maps.druk import (
    BREEDTE,
    HOOGTE,
    Stijl,
    Uitsnede,
    _class_styles,
    _style,
    draw_differences,
    draw_figures,
    draw_outline,
)
from maps.model import STATUSSEN
from maps.themas import make_beeld
from maps.verschil import KLASSEN, Verschil
from tests.maps.stad import make_stad


def grey(stijl: Stijl) -> float:
    red, green, blue = (int(stijl.kleur[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def alike(een: Stijl, ander: Stijl) -> bool:
    """Whether a copier without colours makes the same of both."""
    return (een.streep, een.stippen, een.dash) == (ander.streep, ander.stippen, ander.dash) and abs(
        grey(een) - grey(ander)
    ) < 0.25


@pytest.fixture(scope="module")
def stad():
    return make_stad()


@pytest.fixture(scope="module")
def uitsnede(stad):
    found = Uitsnede.of([stad.gebieden["features"][0]["geometry"]])
    assert found
    return found


def test_no_two_looks_are_alike_without_colour(stad):
    stijlen = _class_styles("k", make_beeld(stad))
    assert len(stijlen) == 13
    assert [pair for pair in combinations(stijlen, 2) if alike(*(stijlen[name] for name in pair))] == []


def test_no_two_differences_are_alike_without_colour():
    stijlen = {naam: _style(naam, naam, kleur) for naam, (_, kleur) in KLASSEN.items()}
    assert [pair for pair in combinations(stijlen, 2) if alike(*(stijlen[name] for name in pair))] == []


def test_a_map_tells_in_words_what_it_shows_and_counts_no_hidden_value(stad, uitsnede):
    drawn = draw_figures("k", "Meldingen", stad, uitsnede)
    near = uitsnede.near(stad.gebieden["features"])
    assert 0 < len(near) < len(stad.gebieden["features"])
    shown = sum(f["properties"]["status"] in ("ok", "onbetrouwbaar") for f in near)
    assert f"Van de {len(near)} buurten in beeld hebben er {shown} een cijfer" in drawn.omschrijving
    assert drawn.omschrijving in drawn.svg
    assert f'viewBox="0 0 {BREEDTE} {HOOGTE}"' in drawn.svg


def test_the_legend_holds_what_is_on_the_map_and_no_more(stad, uitsnede):
    everything = Uitsnede.of([f["geometry"] for f in stad.gebieden["features"]])
    words = [tekst for _, tekst in draw_figures("k", "Meldingen", stad, everything).legenda]
    assert {"Met stippen: onbetrouwbaar", "Verborgen om privacy", "Niet gedekt", "Ontbreekt"} <= set(words)
    one = replace(stad, gebieden={"type": "FeatureCollection", "features": stad.gebieden["features"][:1]})
    assert len(draw_figures("k", "Meldingen", one, uitsnede).legenda) == 1


def test_a_difference_that_cannot_be_told_is_told_so(stad, uitsnede):
    codes = [f["properties"]["gebied_code"] for f in stad.gebieden["features"]]
    verschillen = [Verschil(c, c, ("onderdrukt", "ok"), "", None, None, None, False) for c in codes]
    drawn = draw_differences("k", "Verschil", stad, verschillen, uitsnede)
    assert [tekst for _, tekst in drawn.legenda] == ["Niet te vergelijken: verborgen om privacy"]


def test_without_figures_the_map_says_why(stad, uitsnede):
    drawn = draw_outline("k", "Het gebied", "Er zijn geen meldingen geladen.", stad.gebieden["features"], uitsnede)
    assert "Er zijn geen meldingen geladen." in drawn.svg
    assert Uitsnede.of([]) is None


def test_every_status_has_a_look():
    assert set(STATUSSEN) == {"ok", "onbetrouwbaar", "onderdrukt", "niet_gedekt", "ontbreekt"}
