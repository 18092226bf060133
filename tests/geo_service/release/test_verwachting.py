"""The expected workload is made of the quarters that a viewer sees complete, and of no other."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analysis.forecast import forecast
from geo_service.release.verwachting import verwachtingen
from tests.geo_service.release.dorp import (
    BEHEERDER,
    MANAGER,
    OOST,
    PUBLIEK,
    REGISSEUR_WEST,
    WEST,
    load_bezoeken,
    load_dorp,
    load_tellingen,
    read,
)

TODAY = date(2025, 2, 10)
BRONNEN = """
[[bron]]
naam = "meldpunt"
gemeente = "GM0999"
registratie_eenheid = "melding"
[[dekking]]
bron = "meldpunt"
gebied = "GM0999"
van = 2020-01-01
tot = 2024-12-31
[[bron]]
naam = "politie"
gemeente = "GM0999"
registratie_eenheid = "melding"
[[dekking]]
bron = "politie"
gebied = "GM0999"
van = 2020-01-01
tot = 2024-12-31
[[bron]]
naam = "balie"
gemeente = "GM0999"
registratie_eenheid = "melding"
[[dekking]]
bron = "balie"
gebied = "GM0999"
van = 2020-01-01
tot = 2024-12-31
[[trendbreuk]]
bron = "politie"
datum = 2022-05-15
reden = "ander systeem"
"""
SEASON = [30, 60, 90, 40]
RNG = np.random.default_rng(7)
QUARTERS = [(f"{year}-{1 + 3 * quarter:02}-15", SEASON[quarter]) for year in range(2020, 2025) for quarter in range(4)]
COUNTS = {day: int(RNG.poisson(mean)) for day, mean in QUARTERS}
FEW = 3


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_verwachting"
    url = load_dorp(server.clone(migrated, name), bronnen=BRONNEN)
    load_tellingen(url, [("A", day, "afval-zwerfafval", n) for day, n in COUNTS.items()], today=TODAY)
    # The last year holds too few in the east to be public.
    rows = [("A", day, "afval-zwerfafval", n) for day, n in COUNTS.items()]
    east = [("E", day, "afval-zwerfafval", FEW if day[:4] == "2024" else n) for day, n in COUNTS.items()]
    load_tellingen(url, [*rows, *east], bron="balie", today=TODAY)
    load_tellingen(
        url, [("A", day, "afval-zwerfafval", n * 2) for day, n in COUNTS.items()], bron="politie", today=TODAY
    )
    yield url
    server.drop(name)


def ask(url, viewer=PUBLIEK, stadsdeel=WEST):
    found, _ = read(url, viewer, lambda *known: verwachtingen(*known, stadsdeel))
    return {one.bron: one for one in found}


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_the_forecast_of_the_figures_that_are_shown(village, viewer):
    found = ask(village, viewer)["meldpunt"]
    assert found.cijfer == forecast(list(COUNTS.values()))
    assert found.cijfer.toonbaar
    assert found.periode.code == "2025-Q1"
    assert found.vorig_jaar == list(COUNTS.values())[-4]
    assert "meldpunt" in found.herkomst


def test_what_is_withheld_takes_no_part(village):
    everyone, staff = ask(village, PUBLIEK, OOST)["balie"], ask(village, MANAGER, OOST)["balie"]
    known = [n for day, n in COUNTS.items() if day[:4] != "2024"]
    assert everyone.cijfer == forecast(known)
    assert everyone.periode.code == "2024-Q1"
    assert staff.cijfer == forecast([*known, *[FEW] * 4])
    # What would tell the east by taking it off the whole is withheld in the west too.
    assert ask(village, PUBLIEK, WEST)["balie"].periode.code == "2024-Q1"
    assert ask(village, REGISSEUR_WEST, WEST)["balie"].cijfer == forecast(list(COUNTS.values()))


def test_what_was_counted_in_another_way_is_left_out(village):
    found = ask(village)["politie"]
    after = [2 * n for day, n in COUNTS.items() if day >= "2022-07-01"]
    assert found.cijfer.verwacht == forecast(after).verwacht
    assert found.cijfer.parameters["used"] == len(after)


def test_who_sees_no_figures_gets_no_forecast(village):
    assert ask(village, BEHEERDER) == {}


def test_a_short_past_says_why_there_is_none(new_database, migrated):
    url = load_dorp(new_database(migrated))
    load_tellingen(url, {"A": 40})
    load_bezoeken(url, [{"buurt": "A", "dag": "2024-01-01"}, {"buurt": "A", "dag": "2024-06-30", "n": 20}])
    found = ask(url)
    assert {one.laag for one in found.values()} == {"meldingen", "bezoeken"}
    assert not any(one.cijfer.toonbaar for one in found.values())
    assert all("twee volle jaren" in one.cijfer.reden for one in found.values())
