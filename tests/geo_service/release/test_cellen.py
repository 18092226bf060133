"""Cells of the cube: what an area adds up, and when a cell is covered. Checked day by day against the plain rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.dekking import Dekking, gedekte_dagen
from geo_service.domain.perioden import Periode
from geo_service.release.cellen import Cellen
from tests.geo_service.release.dorp import (
    MANAGER,
    OOST,
    PUBLIEK,
    WEST,
    figures,
    load_bronnen,
    load_dorp,
    load_tellingen,
)

LEDEN = {
    "gemeente": {"GM": frozenset("ABC")},
    "stadsdeel": {"noord": frozenset("AB"), "zuid": frozenset("C")},
    "wijk": {"een": frozenset("A"), "twee": frozenset("BC")},
    "wijkteamgebied": {"team": frozenset("AB")},
    "buurt": {letter: frozenset(letter) for letter in "ABC"},
}


@pytest.mark.parametrize(
    ("niveau", "code", "cells"),
    [
        ("buurt", "A", {"A"}),
        ("wijk", "twee", {"twee", "B", "C"}),
        ("stadsdeel", "noord", {"noord", "A", "B"}),
        ("wijkteamgebied", "team", {"team", "A", "B"}),
        ("gemeente", "GM", {"GM", "A", "B", "C", "een", "twee", "noord", "zuid"}),
    ],
)
def test_the_cells_of_an_area(niveau, code, cells):
    assert Cellen("GM", LEDEN, False).of_area(niveau, code) == cells
    assert Cellen("GM", LEDEN, True).of_area(niveau, code) == cells | ({"buiten"} if niveau == "gemeente" else set())


START = date(2024, 1, 1)
DEKKING = st.builds(
    lambda buurten, first, days: Dekking(frozenset(buurten), START + timedelta(first), START + timedelta(first + days)),
    st.sets(st.sampled_from("ABC"), min_size=1),
    st.integers(0, 20),
    st.integers(0, 12),
)


@given(st.lists(DEKKING, max_size=5))
def test_a_cell_is_covered_on_the_days_that_all_its_buurten_are(dekkingen):
    cellen = Cellen("GM", LEDEN, True)
    spans = cellen.covered(dekkingen)
    for cell, buurten in {**cellen.buurten, "buiten": frozenset("ABC")}.items():
        own = [(van, tot) for code, van, tot in spans if code == cell]
        assert all((after[0] - before[1]).days > 1 for before, after in zip(own, own[1:], strict=False))  # noqa: RUF007
        for number in range(35):
            day = START + timedelta(number)
            periode = Periode(day, day, "dag", "")
            expected = all(gedekte_dagen(dekkingen, buurt, periode) for buurt in buurten)
            assert any(van <= day <= tot for van, tot in own) == expected


STADSDELEN = [(WEST, "2024-02-15", "overig-overig", 30), (OOST, "2024-02-15", "overig-overig", 20)]


@pytest.mark.parametrize("viewer", [PUBLIEK, MANAGER])
def test_a_source_per_stadsdeel_adds_up_to_the_municipality(url, viewer):
    load_dorp(url)
    load_tellingen(url, STADSDELEN)
    assert figures(url, viewer, niveau="stadsdeel", periode="2024-Q1") == {WEST: (30, "ok"), OOST: (20, "ok")}
    assert figures(url, viewer, niveau="gemeente", periode="2024-Q1") == {"GM0999": (50, "ok")}


@pytest.mark.parametrize("viewer", [PUBLIEK, MANAGER])
def test_a_source_per_wijkteamgebied_is_no_false_zero(url, viewer):
    """Covered as a whole municipality, counted per wijkteamgebied: the count belongs to covered days."""
    load_dorp(url)
    team = '[[wijkteamgebied]]\nnaam = "Midden"\nvan = 2020-01-01\nbuurtcodes = ["BU09990001", "BU09990002"]\n'
    load_bronnen(url, team)
    load_tellingen(url, [("GM0999-WT-midden", "2024-02-15", "overig-overig", 30)])
    found = figures(url, viewer, niveau="wijkteamgebied", periode="2024-Q1")
    assert found == {"GM0999-WT-midden": (30, "ok")}
