"""No data is not zero: what is covered, in part, not at all, or not delivered at this fineness."""

from __future__ import annotations

import pytest

from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    BRONNEN,
    GEMEENTE,
    MANAGER,
    PUBLIEK,
    REGISSEUR_WEST,
    ask,
    figures,
    load_bronnen,
    load_dorp,
    load_tellingen,
    published,
)

NOT_COVERED = (None, "niet_gedekt")
NOT_DELIVERED = (None, "ontbreekt")
WEST_FROM_MARCH = """
[[dekking]]
bron = "meldpunt"
gebied = "GM0999-SD-west"
van = 2024-03-01
tot = 2024-12-31
"""


@pytest.fixture
def half(url):
    """Only west is covered, and only from 1 March 2024; reports came from everywhere."""
    load_dorp(url, bronnen=BRONNEN + WEST_FROM_MARCH)
    load_tellingen(
        url,
        [
            ("A", "2024-02-01", "afval-zwerfafval", 40),  # before the coverage
            ("A", "2024-03-01", "afval-zwerfafval", 30),
            ("A", "2024-04-01", "afval-zwerfafval", 20),
            ("E", "2024-04-01", "afval-zwerfafval", 50),  # outside the covered area
        ],
    )
    return url


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_not_covered_is_not_zero(half, viewer):
    assert figures(half, viewer, periode="2024-Q2") == dict.fromkeys("BCD", (0, "ok")) | dict.fromkeys(
        "EFGH", NOT_COVERED
    ) | {"A": (20, "ok")}


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_covered_in_part_is_shown_as_unreliable_with_its_share(half, viewer):
    cells = published(ask(half, viewer, periode="2024-Q1"))
    assert {area: (cell["aantal"], cell["status"], cell["dekking"]) for area, cell in cells.items()} == {
        "A": (30, "onbetrouwbaar", 0.3407),  # 31 of the 91 days; the 40 of February do not count
        **dict.fromkeys("BCD", (0, "onbetrouwbaar", 0.3407)),
        **dict.fromkeys("EFGH", (None, "niet_gedekt", 0.0)),
    }


def test_a_larger_area_is_covered_as_far_as_its_buurten_are(half):
    cells = published(ask(half, niveau="gemeente", periode="2024-Q2"))
    assert [(cell["aantal"], cell["status"], cell["dekking"]) for cell in cells.values()] == [
        (20, "onbetrouwbaar", 0.5)
    ]
    cells = published(ask(half, niveau="wijk", periode="2024-Q2"))
    assert {code: (cell["aantal"], cell["status"], cell["dekking"]) for code, cell in cells.items()} == {
        "WK099901": (20, "ok", 1.0),
        "WK099902": (0, "onbetrouwbaar", 0.6667),
        "WK099903": (None, "niet_gedekt", 0.0),
    }


def test_who_sees_an_area_complete_also_learns_what_fell_outside_the_coverage(half):
    def outside(viewer, periode):
        cells = published(ask(half, viewer, periode=periode))
        return {area: cell.get("aantal_buiten_dekking") for area, cell in cells.items() if area in "AE"}

    assert outside(MANAGER, "2024-Q1") == {"A": 40, "E": 0}
    assert outside(MANAGER, "2024-Q2") == {"A": 0, "E": 50}
    assert outside(REGISSEUR_WEST, "2024-Q2") == {"A": 0, "E": None}
    assert outside(PUBLIEK, "2024-Q1") == {"A": None, "E": None}


def test_nothing_before_the_coverage_is_published(half):
    assert set(figures(half, periode="2023").values()) == {NOT_COVERED}


def test_two_registrations_of_the_same_days_count_once(url):
    both = """
    [[dekking]]
    bron = "meldpunt"
    gebied = "GM0999"
    van = 2024-01-01
    tot = 2024-02-29
    [[dekking]]
    bron = "meldpunt"
    gebied = "GM0999-SD-west"
    van = 2024-02-01
    tot = 2024-03-31
    """
    load_dorp(url, bronnen=BRONNEN + both)
    load_tellingen(url, {"A": 20, "E": 20})
    cells = published(ask(url, periode="2024-Q1"))
    assert {area: (cells[area]["aantal"], cells[area]["dekking"]) for area in "AE"} == {
        "A": (20, 1.0),
        "E": (20, 0.6593),
    }


def test_a_source_that_nobody_registered_covers_its_full_weeks_and_says_derived(url):
    """Reports from Wednesday 3 January to Wednesday 24 April 2024: covered from Monday the 8th to Sunday the 21st."""
    load_dorp(url, bronnen="")
    load_tellingen(url, [("A", "2024-01-03", "afval-overig", 20), ("A", "2024-04-24", "afval-overig", 20)])
    tabel = ask(url, MANAGER, periode="2024-Q1")
    cell = published(tabel)["A"]
    assert (cell["aantal"], cell["dekking"]) == (0, 0.9231)
    assert cell["aantal_buiten_dekking"] == 20
    assert "8 januari 2024 t/m 21 april 2024, afgeleid uit de gegevens" in cell["herkomst"]


def test_a_source_per_year_says_nothing_about_a_quarter(url):
    load_dorp(url)
    load_tellingen(url, [("A", "2024-01-01/2024-12-31", "veiligheid-misdrijven", 40)])
    for viewer in (PUBLIEK, REGISSEUR_WEST, MANAGER):
        assert figures(url, viewer, periode="2024")["A"] == (40, "ok")
        assert figures(url, viewer, periode="2024")["B"] == (0, "ok")
        assert set(figures(url, viewer, periode="2024-Q1").values()) == {NOT_DELIVERED}
        assert ask(url, viewer).periode.code == "2024"
    for periode in ("2024-03", "2024-W07", "2024-02-15"):
        assert set(figures(url, MANAGER, periode=periode).values()) == {NOT_DELIVERED}


def test_a_source_per_quarter_gives_quarters_and_years(url):
    load_dorp(url)
    load_tellingen(
        url, [("A", "2024-01-01/2024-03-31", "overig-overig", 20), ("A", "2024-10-01/2024-12-31", "overig-overig", 21)]
    )
    seen = {
        periode: figures(url, MANAGER, periode=periode)["A"] for periode in ("2024-Q1", "2024-Q4", "2024", "2024-02")
    }
    assert seen == {"2024-Q1": (20, "ok"), "2024-Q4": (21, "ok"), "2024": (41, "ok"), "2024-02": NOT_DELIVERED}


def test_a_source_per_wijk_says_nothing_about_buurten_or_stadsdelen(url):
    load_dorp(url)
    load_tellingen(
        url, [("WK099901", "2024-02-15", "overig-overig", 30), ("WK099902", "2024-02-15", "overig-overig", 20)]
    )
    for viewer in (PUBLIEK, MANAGER):
        seen = {
            niveau: figures(url, viewer, niveau=niveau, periode="2024-Q1")
            for niveau in ("gemeente", "stadsdeel", "wijk", "buurt")
        }
        assert seen == {
            "gemeente": {GEMEENTE: (50, "ok")},
            "stadsdeel": dict.fromkeys((dorp.OOST, dorp.WEST), NOT_DELIVERED),
            "wijk": {"WK099901": (30, "ok"), "WK099902": (20, "ok"), "WK099903": (0, "ok")},
            "buurt": dict.fromkeys("ABCDEFGH", NOT_DELIVERED),
        }


BREUKEN = """
[[trendbreuk]]
bron = "meldpunt"
datum = 2024-02-01
reden = "nieuw systeem"
[[trendbreuk]]
bron = "meldpunt"
datum = 2024-02-10
reden = "ander loket"
gebied = "GM0999-SD-oost"
[[trendbreuk]]
bron = "meldpunt"
datum = 2024-07-01
reden = "andere inkoop"
"""


def test_a_trend_break_goes_with_the_figures_it_touches(url):
    load_dorp(url)
    load_bronnen(url, BRONNEN + BREUKEN)
    load_tellingen(url, {"A": 20})

    def breaks(periode, niveau="buurt"):
        cells = published(ask(url, periode=periode, niveau=niveau))
        return {area: cell["trendbreuk"] for area, cell in cells.items()}

    system = "1 februari 2024: nieuw systeem"
    counter = f"{system}; 10 februari 2024: ander loket"
    assert breaks("2024-Q1") == dict.fromkeys("ABCD", system) | dict.fromkeys("EFGH", counter)
    assert breaks("2024-Q1", "stadsdeel") == {dorp.WEST: system, dorp.OOST: counter}
    assert set(breaks("2024-Q2").values()) == {None}
    assert set(breaks("2024-Q3").values()) == {"1 juli 2024: andere inkoop"}
    assert breaks("2024")["A"] == f"{system}; 1 juli 2024: andere inkoop"


def test_two_sources_are_never_added_up(url):
    load_dorp(url)
    load_tellingen(url, {"A": 20})
    load_bronnen(url, BRONNEN.replace("meldpunt", "wijkteam") + dorp.HEEL_2024.replace("meldpunt", "wijkteam"))
    load_tellingen(url, {"A": 30}, bron="wijkteam")
    seen = {bron: figures(url, bron=bron, periode="2024-Q1")["A"][0] for bron in ("meldpunt", "wijkteam")}
    assert seen == {"meldpunt": 20, "wijkteam": 30}
