"""Why a figure is what it is: the reason fits the status, and tells no more than the status does."""

from __future__ import annotations

import pytest

from geo_service.errors import InvalidParameters, NotFound
from geo_service.release.cijfers import CijferVraag
from geo_service.release.getal import VERBORGEN, explain_figure
from tests.geo_service.pool import ask_database
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    BEHEERDER,
    MANAGER,
    PUBLIEK,
    REGISSEUR_WEST,
    buurt_code,
    load_bronnen,
    load_dorp,
    load_tellingen,
    load_vintage,
)
from tests.geo_service.release.test_dekking import BREUKEN
from tests.geo_service.release.test_tijdreeks import BALIE_2024, REPORTS, TODAY

# 30 reports in the first quarter and 9 in the second.
A = buurt_code("A")


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_getal"
    url = load_dorp(server.clone(migrated, name), bronnen=dorp.BRONNEN + dorp.HEEL_2024 + BREUKEN)
    load_bronnen(url, BALIE_2024)
    load_tellingen(url, REPORTS, today=TODAY)
    yield url
    server.drop(name)


def ask(url, viewer=PUBLIEK, gebied=A, laag="meldingen", **question):
    vraag = CijferVraag(gebied=gebied, **question)
    return ask_database(url, lambda database: explain_figure(database, viewer, None, laag, vraag))


@pytest.mark.parametrize(
    ("viewer", "periode", "status", "aantal", "reason"),
    [
        (MANAGER, "2024-Q1", "ok", 30, "niet groter dan het cijfer zelf"),
        # 30 would betray another count, 9 is small itself: the reader is told the same.
        (PUBLIEK, "2024-Q1", "onderdrukt", None, VERBORGEN),
        (PUBLIEK, "2024-Q2", "onderdrukt", None, VERBORGEN),
        (MANAGER, "2024-Q2", "onbetrouwbaar", 9, "de onzekerheid is groter dan het cijfer"),
        (PUBLIEK, "2024-Q4", "ontbreekt", None, "nog niet vrijgegeven"),
        (PUBLIEK, "2023-Q1", "niet_gedekt", None, "telt hier niet in deze periode"),
    ],
)
def test_the_reason_fits_the_status(village, viewer, periode, status, aantal, reason):
    found = ask(village, viewer, periode=periode)
    assert (found.cijfer["status"], found.cijfer["aantal"]) == (status, aantal)
    assert reason in " ".join(found.redenen)
    assert (found.grenzen is None) == (aantal is None)


def test_the_rule_is_that_of_the_viewer(village):
    assert "1 tot en met 9 zijn verborgen" in ask(village).bescherming
    own, other = ask(village, REGISSEUR_WEST), ask(village, REGISSEUR_WEST, buurt_code("F"))
    assert own.bescherming == other.bescherming
    assert "eigen stadsdelen" in own.bescherming
    assert "1 tot en met 4 zijn verborgen" in own.bescherming
    assert (own.eigen, other.eigen) == (True, False)
    assert "zijn verborgen" not in ask(village, MANAGER).bescherming


def test_trend_breaks_are_told_with_whether_they_are_in_the_period(village):
    """Those of the source anywhere in its time, but not those of the other stadsdeel."""
    year, second = ask(village, periode="2024").breuken, ask(village, periode="2024-Q2").breuken
    assert ("1 februari 2024: nieuw systeem", True) in year
    assert ("1 februari 2024: nieuw systeem", False) in second
    assert [text for text, _ in year] == [text for text, _ in second]
    assert not any("ander loket" in text for text, _ in year)
    assert any("ander loket" in text for text, _ in ask(village, gebied=buurt_code("F")).breuken)


def test_new_borders_are_told(url):
    load_dorp(url)
    load_vintage(url, 2024, border=300)
    load_tellingen(url, [("A", "2024-02-01", "afval-zwerfafval", 25)])
    text = "1 januari 2024: het gebied heeft andere grenzen dan in de indeling van 2021"
    assert (text, True) in ask(url, MANAGER, periode="2024-Q1").breuken
    assert (text, False) in ask(url, MANAGER, periode="2024-Q2").breuken
    assert ask(url, MANAGER, buurt_code("C"), periode="2024-Q1").breuken == ()


def test_what_is_not_there_is_refused(village):
    for wrong in ({"gebied": None}, {"gebied": "BU09990099"}, {"periode": "2024-05"}, {"niveau": "wijk"}):
        with pytest.raises(InvalidParameters):
            ask(village, **wrong)
    with pytest.raises(NotFound):
        ask(village, BEHEERDER)
    with pytest.raises(NotFound, match="bezoeken"):
        ask(village, laag="bezoeken")
