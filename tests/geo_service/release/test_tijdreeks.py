"""A series is the figures of its periods, one after another; nothing more is told than period by period."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.perioden import parse_periode
from geo_service.errors import InvalidParameters, NotFound
from geo_service.release.cijfers import CijferVraag, meldingen_reeks
from geo_service.release.perioden import reeks_perioden
from geo_service.release.tijdreeks import MAX_PUNTEN, TijdreeksVraag, tijdreeks
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    BEHEERDER,
    GEMEENTE,
    MANAGER,
    PUBLIEK,
    REGISSEUR_WEST,
    buurt_code,
    load_bezoeken,
    load_bronnen,
    load_dorp,
    load_tellingen,
    load_vintage,
    read,
)
from tests.geo_service.release.test_bezoeken import BALIE_2024
from tests.geo_service.release.test_dekking import BREUKEN

A = buurt_code("A")
TODAY = date(2025, 1, 20)  # the fourth quarter of 2024 and the year are not public yet
REPORTS = [
    ("A", "2024-01-01", "afval-zwerfafval", 25),
    ("A", "2024-03-31", "wonen-geluid", 5),
    ("A", "2024-05-15", "afval-zwerfafval", 9),
    ("A", "2024-11-02", "afval-zwerfafval", 40),
    ("E", "2024-02-29", "afval-zwerfafval", 7),
    ("E", "2024-08-01", "afval-zwerfafval", 3),
]


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_reeksen"
    url = load_dorp(server.clone(migrated, name), bronnen=dorp.BRONNEN + dorp.HEEL_2024 + BREUKEN)
    load_bronnen(url, BALIE_2024)
    load_tellingen(url, REPORTS, today=TODAY)
    load_bezoeken(url, [{"buurt": "A", "n": 15, "dag": day} for day in ("2024-01-10", "2024-09-10")], today=TODAY)
    yield url
    server.drop(name)


def series(url, viewer=PUBLIEK, gebied=A, **question):
    """{period: (aantal, status)}."""
    found, _ = read(url, viewer, lambda *known: tijdreeks(*known, TijdreeksVraag(gebied, **question)))
    assert len(found.rijen) == len(found.tabellen) == len(found.properties())
    return {row["periode"]: (row["aantal"], row["status"]) for row in found.properties()}


def test_quarters_of_the_public(village):
    assert series(village) == {
        "2024-Q1": (None, "onderdrukt"),  # 30, but it would tell the 7 of another buurt
        "2024-Q2": (None, "onderdrukt"),
        "2024-Q3": (0, "ok"),
        "2024-Q4": (None, "ontbreekt"),  # not released yet
    }


def test_quarters_of_staff(village):
    assert series(village, REGISSEUR_WEST) == {
        "2024-Q1": (30, "ok"),
        "2024-Q2": (9, "onbetrouwbaar"),
        "2024-Q3": (0, "ok"),
        "2024-Q4": (40, "ok"),
    }
    elsewhere = series(village, REGISSEUR_WEST, buurt_code("E"))
    assert list(elsewhere.values()) == [(7, "onbetrouwbaar"), (0, "ok"), (None, "onderdrukt"), (None, "ontbreekt")]


def test_what_is_not_covered_is_shown_when_it_is_asked_for(village):
    asked = {"van": date(2023, 7, 1), "tot": date(2025, 2, 1)}
    assert series(village, MANAGER, **asked) == {
        "2023-Q3": (None, "niet_gedekt"),
        "2023-Q4": (None, "niet_gedekt"),
        **series(village, MANAGER),
        "2025-Q1": (None, "niet_gedekt"),
    }
    assert list(series(village, MANAGER, soort="jaar", **asked).values()) == [
        (None, "niet_gedekt"), (79, "ok"), (None, "niet_gedekt")
    ]  # fmt: skip


def test_days_weeks_and_months_are_for_staff(village):
    days = series(village, MANAGER, soort="dag", van=date(2024, 3, 30), tot=date(2024, 4, 1))
    assert days == {"2024-03-30": (0, "ok"), "2024-03-31": (5, "onbetrouwbaar"), "2024-04-01": (0, "ok")}
    weeks = series(village, MANAGER, soort="week", van=date(2024, 1, 1), tot=date(2024, 1, 8))
    assert weeks == {"2024-W01": (25, "ok"), "2024-W02": (0, "ok")}
    assert sum(n for n, _ in series(village, MANAGER, soort="maand").values()) == 79
    for soort in ("dag", "week", "maand"):
        with pytest.raises(InvalidParameters, match="openbaar"):
            series(village, soort=soort)


def test_a_trend_break_stands_at_its_period(village):
    found, _ = read(village, PUBLIEK, lambda *known: tijdreeks(*known, TijdreeksVraag(A)))
    breaks = {row["periode"]: row["trendbreuk"] for row in found.properties()}
    assert breaks["2024-Q1"] == "1 februari 2024: nieuw systeem"
    assert breaks["2024-Q3"] == "1 juli 2024: andere inkoop"
    assert breaks["2024-Q2"] is breaks["2024-Q4"] is None


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
@pytest.mark.parametrize(
    ("gebied", "niveau"), [(A, "buurt"), (buurt_code("E"), "buurt"), (dorp.WEST, "stadsdeel"), (GEMEENTE, "gemeente")]
)
@pytest.mark.parametrize("categorie", ["alle", "afval", "wonen-geluid"])
def test_a_series_equals_the_single_questions(village, viewer, gebied, niveau, categorie):
    vraag = TijdreeksVraag(gebied, niveau, categorie=categorie, van=date(2023, 11, 1), tot=date(2024, 12, 31))
    found, _ = read(village, viewer, lambda *known: tijdreeks(*known, vraag))
    assert [tabel.periode.code for tabel in found.tabellen] == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    for tabel in found.tabellen:
        question = {"niveau": niveau, "gebied": gebied, "categorie": categorie, "periode": tabel.periode.code}
        assert tabel == dorp.ask(village, viewer, **question)


@pytest.mark.parametrize("viewer", [PUBLIEK, MANAGER])
def test_all_areas_of_many_periods_equal_the_single_questions(village, viewer):
    perioden = [parse_periode(code) for code in ("2024", "2024-Q1", "2024-Q2", "2023-Q4")]
    found, queries = read(village, viewer, lambda *known: meldingen_reeks(*known, CijferVraag(), perioden))
    assert queries == 3
    assert found == [dorp.ask(village, viewer, periode=periode.code) for periode in perioden]


def test_visits_have_series_too(village):
    found = series(village, laag="bezoeken")
    assert found["2024-Q1"] == (15, "onbetrouwbaar")
    assert found["2024-Q4"] == (None, "ontbreekt")
    for code, cell in found.items():
        (row,) = dorp.ask(village, teller=dorp.bezoeken_per_gebied, periode=code, gebied=A).rijen
        assert (row.cijfer.aantal, row.cijfer.status) == cell


@pytest.mark.parametrize("viewer", [PUBLIEK, MANAGER])
def test_a_longer_series_costs_no_more_queries(village, viewer):
    for years in (1, 20):
        vraag = TijdreeksVraag(A, van=date(2024 - years, 1, 1), tot=date(2024, 12, 31))
        assert read(village, viewer, lambda *known, vraag=vraag: tijdreeks(*known, vraag))[1] == 3


def test_too_many_points_are_refused(village):
    whole = {"soort": "dag", "van": date(2023, 1, 1)}
    assert len(series(village, MANAGER, tot=date(2024, 12, 31), **whole)) == MAX_PUNTEN
    with pytest.raises(InvalidParameters, match="731"):
        series(village, MANAGER, tot=date(2025, 1, 1), **whole)


def test_everything_wrong_is_told_at_once(village):
    wrong = {"laag": "woningen", "niveau": "straat", "soort": "eeuw", "van": date(1, 1, 1), "tot": date(9999, 12, 31)}
    with pytest.raises(InvalidParameters) as caught:
        series(village, MANAGER, **wrong)
    assert {fault.name for fault in caught.value.faults} == {"laag", "niveau", "soort", "van", "tot"}
    for asked, name in (
        ({"van": date(2024, 2, 1), "tot": date(2024, 1, 1)}, "tot"),
        ({"van": date(2026, 1, 1)}, "van"),
        ({"gebied": "BU00000000"}, "gebied"),
        ({"bron": "balie"}, "bron"),
        ({"bron": "balie", "laag": "bezoeken", "categorie": "afval"}, "categorie"),
    ):
        with pytest.raises(InvalidParameters) as caught:
            series(village, MANAGER, **asked)
        assert [fault.name for fault in caught.value.faults] == [name]


def test_a_role_without_figures_gets_no_series(village):
    with pytest.raises(NotFound):
        series(village, BEHEERDER)


def test_a_municipality_without_visits_has_no_series_of_them(url):
    load_dorp(url)
    with pytest.raises(NotFound, match="bezoeken"):
        series(url, laag="bezoeken")


def test_a_change_of_the_area_stands_in_the_series(url):
    load_dorp(url)
    load_vintage(url, 2024, border=300)
    load_tellingen(url, [("A", "2024-02-01", "afval-zwerfafval", 25)])
    vraag = {"van": date(2023, 7, 1), "tot": date(2024, 6, 30)}
    for letter, text in (
        ("A", "1 januari 2024: het gebied heeft andere grenzen dan in de indeling van 2021"),
        ("C", None),
    ):
        asked = TijdreeksVraag(buurt_code(letter), **vraag)
        found, _ = read(url, MANAGER, lambda *known, asked=asked: tijdreeks(*known, asked))
        assert [row["trendbreuk"] for row in found.properties()] == [None, None, text, None]
        assert [tabel.peiljaar for tabel in found.tabellen] == [2021, 2021, 2024, 2024]


DAYS = st.dates(date(2001, 1, 1), date(2060, 12, 31))


@given(DAYS, st.integers(0, 800), st.sampled_from(["dag", "week", "maand", "kwartaal", "jaar"]))
def test_the_periods_of_a_series_follow_each_other_and_hold_the_days(van, span, soort):
    tot = date.fromordinal(van.toordinal() + span)
    found = list(reeks_perioden(van, tot, soort))
    assert found[0].van <= van <= found[0].tot
    assert found[-1].van <= tot <= found[-1].tot
    assert all((after.van - before.tot).days == 1 for before, after in pairwise(found))
    assert [parse_periode(periode.code) for periode in found] == found


def test_meldingen_reeks_without_periods_is_empty(village):
    assert read(village, PUBLIEK, lambda *known: meldingen_reeks(*known, CijferVraag(), []))[0] == []
