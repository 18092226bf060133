"""Another vintage: shown where it is the same area, refused by name where it is not, and never counted anew."""

from __future__ import annotations

import pytest

from geo_service.errors import InvalidParameters
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    GEMEENTE,
    MANAGER,
    OOST,
    PUBLIEK,
    REGISSEUR_WEST,
    WEST,
    ask,
    buurt_code,
    figures,
    load_dorp,
    load_tellingen,
    load_vintage,
)

COUNTED = {"A": 25, "B": 10, "C": 9, "D": 12, "E": 10, "F": 5, "G": 4, "H": 25}


def load(url, **vintage):
    """Reports counted in the vintage of 2021, and a later one."""
    load_dorp(url)
    load_tellingen(url, COUNTED)
    load_vintage(url, 2025, **vintage)
    return url


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_the_same_areas_give_the_same_figures(url, viewer):
    load(url)
    for niveau in ("buurt", "wijk", "stadsdeel", "gemeente"):
        asked = {"niveau": niveau, "periode": "2024-Q1"}
        same, own = figures(url, viewer, peiljaar=2025, **asked), figures(url, viewer, **asked)
        if viewer == REGISSEUR_WEST:
            # What was released about others was released in the areas of then.
            elsewhere = {area for area, cell in same.items() if cell == (None, "ontbreekt")}
            assert elsewhere.isdisjoint({"A", "B", "C", "D", WEST})
            same, own = ({area: cells[area] for area in cells if area not in elsewhere} for cells in (same, own))
        assert same == own
    tabel = ask(url, viewer, periode="2024-Q1", peiljaar=2025)
    assert (tabel.peiljaar, tabel.geteld_in) == (2025, 2021)
    assert "gebieden van 2025, geteld in de indeling van 2021" in tabel.herkomst


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_a_moved_border_is_refused_and_named(url, viewer):
    load(url, border=300)
    for niveau in ("buurt", "wijk", "stadsdeel", "gemeente"):
        with pytest.raises(InvalidParameters) as caught:
            ask(url, viewer, niveau=niveau, periode="2024-Q1", peiljaar=2025)
        assert str(caught.value) == (
            "peiljaar: deze periode is geteld in de gebiedsindeling van 2021 en die van 2025 is anders voor "
            f"Buurt A ({buurt_code('A')}), Buurt B ({buurt_code('B')}). "
            "Cijfers van die gebieden zijn niet om te rekenen."
        )


def test_areas_that_stayed_can_be_asked_for_one_by_one(url):
    load(url, border=300)
    asked = {"periode": "2024-Q1", "peiljaar": 2025}
    assert figures(url, MANAGER, gebied=buurt_code("H"), **asked) == {"H": (25, "onbetrouwbaar")}
    assert figures(url, niveau="stadsdeel", gebied=OOST, **asked) == {OOST: (44, "ok")}
    for niveau, gebied in (("buurt", buurt_code("A")), ("stadsdeel", WEST), ("gemeente", GEMEENTE)):
        with pytest.raises(InvalidParameters, match="Buurt A"):
            figures(url, niveau=niveau, gebied=gebied, **asked)


@pytest.mark.parametrize(("border", "same"), [(5, True), (15, False)])
def test_nearly_the_same_polygon_is_the_same_area(url, border, same):
    """5 m of a square kilometre: 99.5 % shared; 15 m: 98.5 %."""
    load(url, border=border)
    if same:
        assert figures(url, MANAGER, periode="2024-Q1", peiljaar=2025)["A"] == (25, "ok")
    else:
        with pytest.raises(InvalidParameters, match="Buurt A"):
            figures(url, MANAGER, periode="2024-Q1", peiljaar=2025)


def moved(letter):
    """E changed from stadsdeel oost to west."""
    return WEST if letter in "ABCDE" else OOST


def test_staff_read_a_new_division_of_the_same_buurten(url):
    load(url, stadsdeel_of=moved)
    asked = {"niveau": "stadsdeel", "periode": "2024-Q1"}
    assert figures(url, MANAGER, **asked) == {WEST: (56, "ok"), OOST: (44, "ok")}
    assert figures(url, MANAGER, peiljaar=2025, **asked) == {WEST: (66, "ok"), OOST: (34, "ok")}
    assert figures(url, MANAGER, peiljaar=2025, gebied=WEST, **asked) == {WEST: (66, "ok")}


def test_the_public_cannot_take_the_difference_of_two_divisions(url):
    """West with and without E would give E, whatever the threshold says of E itself."""
    load(url, stadsdeel_of=moved)
    for asked, named in (({}, r"Oost .*, West"), ({"gebied": WEST}, "voor West"), ({"gebied": OOST}, "voor Oost")):
        with pytest.raises(InvalidParameters, match=named):
            figures(url, niveau="stadsdeel", periode="2024-Q1", peiljaar=2025, **asked)
    assert figures(url, niveau="buurt", periode="2024-Q1", peiljaar=2025) == figures(url, periode="2024-Q1")


def test_a_buurt_that_is_new_in_the_own_stadsdeel_is_not_own_backwards(url):
    load(url, stadsdeel_of=moved)
    load_tellingen(url, {"E": 4})
    assert figures(url, REGISSEUR_WEST, periode="2024-Q1", peiljaar=2025)["E"] == (None, "ontbreekt")
    assert figures(url, REGISSEUR_WEST, periode="2024-Q1", peiljaar=2025)["C"] == (9, "onbetrouwbaar")


def test_a_source_that_counts_per_wijk_is_not_added_up_anew(url):
    load_dorp(url)
    load_tellingen(url, [("WK099901", "2024-02-15", "overig-overig", 30)])
    load_vintage(url, 2025)
    asked = {"niveau": "wijk", "periode": "2024-Q1", "gebied": "WK099901"}
    assert figures(url, MANAGER, peiljaar=2025, **asked) == {"WK099901": (30, "ok")}


def test_a_year_that_is_not_loaded_is_refused(url):
    load(url)
    with pytest.raises(InvalidParameters, match=r"Geladen: 2021, 2025"):
        ask(url, periode="2024-Q1", peiljaar=2019)
    assert dorp.ask(url, periode="2024-Q1", peiljaar=2021).geteld_in == 2021
