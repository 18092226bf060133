"""Who sees which count. Read as a manual: what was counted, who asks, what they get."""

from __future__ import annotations

import pytest

from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    MANAGER,
    ONDERZOEKER,
    PUBLIEK,
    REGISSEUR_ELDERS,
    REGISSEUR_WEST,
    ask,
    figures,
    load_dorp,
    load_tellingen,
    published,
)
from tests.geo_service.support import rows

COUNTED = {"A": 25, "B": 10, "C": 9, "D": 1, "E": 10, "F": 5, "G": 4, "H": 25}  # 89 in all
ZERO = (0, "ok")
HIDDEN = (None, "onderdrukt")


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    """Reports of one day of 2024-Q1, everything covered in 2024."""
    name = f"{worker}_drempels"
    url = load_dorp(server.clone(migrated, name))
    load_tellingen(url, COUNTED)
    yield url
    server.drop(name)


def test_the_public_sees_counts_from_ten_up(village):
    assert figures(village, periode="2024-Q1") == {
        "A": (25, "ok"),
        "B": (10, "onbetrouwbaar"),  # 4.8 - 18.4 per 1 000 dwellings: wider than the rate of 10
        "C": HIDDEN,
        "D": HIDDEN,
        "E": (10, "onbetrouwbaar"),
        "F": HIDDEN,
        "G": HIDDEN,
        "H": (25, "onbetrouwbaar"),  # 80 dwellings
    }


def test_an_onderzoeker_sees_what_the_public_sees(village):
    for niveau in ("gemeente", "stadsdeel", "wijk", "buurt"):
        question = {"niveau": niveau, "periode": "2024-Q1"}
        assert ask(village, ONDERZOEKER, **question).rijen == ask(village, PUBLIEK, **question).rijen


def test_a_wijkregisseur_sees_the_own_stadsdeel_complete_and_elsewhere_five_and_up(village):
    assert figures(village, REGISSEUR_WEST, periode="2024-Q1") == {
        "A": (25, "ok"),
        "B": (10, "onbetrouwbaar"),
        "C": (9, "onbetrouwbaar"),
        "D": (1, "onbetrouwbaar"),
        "E": (10, "onbetrouwbaar"),
        "F": HIDDEN,  # 5, but with the total of the wijk it would tell the 4 of G
        "G": HIDDEN,
        "H": (25, "onbetrouwbaar"),
    }


def test_a_stadsdeelmanager_of_the_whole_gemeente_sees_everything(village):
    assert {area: n for area, (n, _) in figures(village, MANAGER, periode="2024-Q1").items()} == COUNTED


def test_staff_of_another_gemeente_have_nothing_of_their_own_here(village):
    """They are nobody special: they see what everyone sees."""
    for niveau in ("gemeente", "stadsdeel", "wijk", "buurt"):
        question = {"niveau": niveau, "periode": "2024-Q1"}
        assert figures(village, REGISSEUR_ELDERS, **question) == figures(village, PUBLIEK, **question)


def test_larger_areas_are_sums_of_all_their_buurten_also_of_hidden_ones(village):
    assert figures(village, niveau="stadsdeel", periode="2024-Q1") == {dorp.OOST: (44, "ok"), dorp.WEST: (45, "ok")}
    assert figures(village, niveau="gemeente", periode="2024-Q1") == {dorp.GEMEENTE: (89, "ok")}
    assert figures(village, niveau="wijk", periode="2024-Q1") == {
        "WK099901": (35, "ok"),
        "WK099902": (20, "ok"),
        "WK099903": (34, "ok"),
    }


def test_a_covered_area_without_reports_is_a_zero_and_is_shown(url):
    load_dorp(url)
    load_tellingen(url, {"A": 25})
    expected = dict.fromkeys("BCDEFG", ZERO) | {"A": (25, "ok"), "H": (0, "onbetrouwbaar")}
    for viewer in (PUBLIEK, ONDERZOEKER, REGISSEUR_WEST, MANAGER):
        assert figures(url, viewer, periode="2024-Q1") == expected
    zero = published(ask(url, periode="2024-Q1"))["B"]
    assert (zero["aantal"], zero["per_1000"], zero["laag"], zero["hoog"]) == (0, 0.0, 0.0, 3.689)


def test_a_head_category_adds_up_its_subs_and_each_is_judged_by_itself(url):
    load_dorp(url)
    load_tellingen(
        url,
        [
            ("A", "2024-02-01", "afval-zwerfafval", 6),
            ("A", "2024-02-01", "afval-dumping", 7),
            ("A", "2024-02-01", "wonen-burenruzie", 12),
        ],
    )
    seen = {
        categorie: figures(url, periode="2024-Q1", categorie=categorie)["A"]
        for categorie in ("afval-zwerfafval", "afval-dumping", "afval", "wonen", "alle", "verkeer")
    }
    assert seen == {
        "afval-zwerfafval": HIDDEN,
        "afval-dumping": HIDDEN,
        "afval": (13, "onbetrouwbaar"),
        "wonen": (12, "onbetrouwbaar"),
        "alle": (25, "ok"),
        "verkeer": ZERO,
    }


def test_a_year_adds_up_its_quarters(url):
    load_dorp(url)
    load_tellingen(url, [("A", day, "afval-zwerfafval", 6) for day in ("2024-01-01", "2024-03-31", "2024-12-31")])
    seen = {periode: figures(url, periode=periode)["A"] for periode in ("2024-Q1", "2024-Q2", "2024-Q4", "2024")}
    # The year without the first quarter would tell the last.
    assert seen == {"2024-Q1": (12, "onbetrouwbaar"), "2024-Q2": ZERO, "2024-Q4": HIDDEN, "2024": HIDDEN}
    staff = {periode: figures(url, MANAGER, periode=periode)["A"][0] for periode in seen}
    assert staff == {"2024-Q1": 12, "2024-Q2": 0, "2024-Q4": 6, "2024": 18}


def test_one_area_can_be_asked_for(village):
    assert figures(village, periode="2024-Q1", gebied=dorp.buurt_code("B")) == {"B": (10, "onbetrouwbaar")}


def test_every_hidden_cell_has_no_value_whatever_property(village):
    for viewer in (PUBLIEK, REGISSEUR_WEST):
        for cell in published(ask(village, viewer, periode="2024-Q1")).values():
            values = {name: cell[name] for name in ("aantal", "per_1000", "laag", "hoog")}
            if cell["status"] in ("ok", "onbetrouwbaar"):
                assert None not in values.values()
            else:
                assert set(values.values()) == {None}


def test_hidden_counts_are_not_stored_where_the_public_can_read(village):
    stored = rows(
        village, "select gebied_code, aantal, status from publiek.cijfer where niveau = 'buurt' and categorie = 'alle' "
        "and periode = '2024-Q1' order by 1"
    )  # fmt: skip
    assert [(dorp.letter_of(code), aantal, status) for code, aantal, status in stored] == [
        ("A", 25, "ok"), ("B", 10, "ok"), ("C", None, "onderdrukt"), ("D", None, "onderdrukt"), ("E", 10, "ok"),
        ("F", None, "onderdrukt"), ("G", None, "onderdrukt"), ("H", 25, "ok"),
    ]  # fmt: skip


@pytest.mark.parametrize("niveau", ["gemeente", "stadsdeel", "wijk", "buurt"])
@pytest.mark.parametrize("categorie", ["alle", "afval", "afval-zwerfafval"])
def test_what_staff_may_not_see_the_public_may_not_see(village, niveau, categorie):
    for periode in ("2024-Q1", "2024-Q2", "2024"):
        public = figures(village, PUBLIEK, niveau=niveau, categorie=categorie, periode=periode)
        for viewer in (REGISSEUR_WEST, REGISSEUR_ELDERS, MANAGER):
            staff = figures(village, viewer, niveau=niveau, categorie=categorie, periode=periode)
            assert hidden(staff) <= hidden(public)
            shown = [area for area in public if public[area][0] is not None]
            assert [staff[area] for area in shown] == [public[area] for area in shown]


def hidden(cells):
    return {area for area, (value, _) in cells.items() if value is None}


def test_a_denominator_of_another_year_says_so(village):
    tabel = ask(village, periode="2024-Q1")
    assert (tabel.noemers.soort, tabel.noemers.jaar) == ("woningen", 2021)
    assert all("woningen uit 2021" in cell["herkomst"] for cell in published(tabel).values())


def test_without_the_asked_denominator_there_is_a_count_and_no_rate(village):
    cell = published(ask(village, periode="2024-Q1", noemer="inwoners"))["A"]
    names = ("aantal", "noemer", "noemer_soort", "per_1000", "laag", "hoog", "status")
    assert [cell[name] for name in names] == [25, None, None, None, None, None, "ok"]


def test_the_rate_is_per_thousand_per_period(village):
    cell = published(ask(village, periode="2024-Q1"))["A"]
    assert (cell["per_1000"], cell["laag"], cell["hoog"]) == (25.0, 16.179, 36.905)
    year = published(ask(village, periode="2024"))["A"]
    assert year["per_1000"] == 25.0


def test_every_figure_says_where_it_comes_from(village):
    for viewer in (PUBLIEK, REGISSEUR_WEST):
        for cell in published(ask(village, viewer, periode="2024-Q1")).values():
            for part in (
                "Bron: meldpunt (gemeente Dorp)",
                "eenheid: melding",
                "definitie: meldingen van overlast",
                "dekking: de hele gemeente: 1 januari 2024 t/m 31 december 2024",
                "stand van ",
                "gebieden van 2021",
            ):
                assert part in cell["herkomst"]
