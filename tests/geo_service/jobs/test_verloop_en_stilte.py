"""The course of the quarters and the silence: coverage is never zero, one caller is never a course."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr

from analysis.emerging import LABELS
from geo_service.domain.hotspots import BLINDE_VLEKKEN, KLASSEN, OPKOMEND, SCAN
from geo_service.domain.perioden import kwartaal
from geo_service.jobs.analyse.blinde_vlekken import NAMEN
from geo_service.jobs.analyse.kader import INDICATOREN
from geo_service.jobs.analyse.opkomend import chance_of_pattern, klasse_of, quarterly_rates
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.analyse.reeksen import Reeks
from geo_service.jobs.verversen import compute
from tests.geo_service.support import change, rows, value

GEMEENTE, SIGNALEN, NEWEST = "GM0153", "signalen-openbare-ruimte", "2026-Q3"
LARGE = "BU01530606"
FOUND = (
    "select h.klasse from intern.hotspot h join intern.hotspot_run r using (run_id) "
    "where r.vervangen_op is null and r.periode = %s and r.bron = %s and %s = any(h.buurten) and h.methode <> 'punten'"
)


def reeks(plekken: list[list[float]], dekking: list[list[float]] | None = None, **changes: list[list[float]]) -> Reeks:
    """A series of quarters; every place reported once, unless said otherwise."""
    places = np.array(plekken, dtype=float)
    covered = np.ones(places.shape) if dekking is None else np.array(dekking, dtype=float)
    buurten = tuple(f"B{n}" for n in range(len(places)))
    quarters = tuple(kwartaal(2025, 1 + n) for n in range(places.shape[1]))
    aantal = np.array(changes.get("aantal", plekken), dtype=float)
    return Reeks(buurten, quarters, aantal, places, np.zeros(places.shape), covered, ())


DWELLINGS = np.array([1000.0, 1000.0, 1000.0, 1000.0])


def test_a_rate_counts_places_and_not_how_often_they_report() -> None:
    calm = quarterly_rates(reeks([[4], [6], [5], [5]]), DWELLINGS)
    caller = quarterly_rates(reeks([[4], [6], [5], [5]], aantal=[[4], [60], [5], [5]]), DWELLINGS)
    np.testing.assert_array_equal(calm, caller)
    assert calm[1, 0] >= calm[0, 0] > 0


def test_a_quarter_without_coverage_has_no_rate_and_half_of_one_has_half_the_dwellings() -> None:
    known = reeks([[40, 40], [80, 0], [40, 20], [40, 40]], [[1, 1], [1, 0], [1, 0.5], [1, 1]])
    rates = quarterly_rates(known, DWELLINGS)
    assert np.isnan(rates[1, 1])
    assert np.isfinite(np.delete(rates.reshape(-1), 3)).all()
    # Twenty in half a quarter are as many as forty in a whole one.
    assert rates[2, 1] == pytest.approx(rates[0, 1], rel=0.02)


def test_a_buurt_with_too_few_dwellings_has_no_rate() -> None:
    rates = quarterly_rates(reeks([[4], [6], [5], [5]]), np.array([1000.0, 99.0, 100.0, 0.0]))
    assert np.isnan(rates[:, 0]).tolist() == [False, True, False, True]


def test_every_label_of_a_course_has_its_dutch_class() -> None:
    found = {klasse_of(label) for label in LABELS}
    assert found == {None, *(klasse for klasse in KLASSEN if klasse.endswith(("-hoog", "-laag")))}
    assert [label for label in LABELS if klasse_of(label) is None] == ["none", "unknown"]
    # A cold spot that grows colder is a figure that falls.
    assert (klasse_of("cold_intensifying"), klasse_of("intensifying")) == ("dalend-laag", "stijgend-hoog")


def test_a_pattern_is_named_when_it_is_unlikely_among_all_buurten() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(60, 9))
    z[0, -1], z[1, 3:], z[2, -1] = 4.5, 2.5, np.nan
    p = 2 * ndtr(-np.abs(z))
    chance = chance_of_pattern(z, p, 0.05)
    assert (chance[:2] <= 0.05).all()
    assert chance[2] == 1.0
    assert (chance[3:] <= 0.05).sum() <= 1


def test_a_map_of_chance_alone_names_hardly_any_buurt() -> None:
    """Of 200 maps of 60 buurten without any pattern, at most one in ten names one."""
    rng = np.random.default_rng(5)
    named = 0
    for _ in range(200):
        z = rng.normal(size=(60, 9))
        named += bool((chance_of_pattern(z, 2 * ndtr(-np.abs(z)), 0.05) <= 0.05).any())
    assert named <= 20


def test_every_indicator_of_need_has_words() -> None:
    assert set(NAMEN) == set(INDICATOREN)


@pytest.fixture
def emptied(copy_of: Callable[[str], str]) -> str:
    """The small demo in which one large buurt has no reports in the last five quarters."""
    url = copy_of("demo")
    for table, area in (("intern.melding", "buurt_code"), ("intern.kubus", "gebied_code")):
        change(url, f"delete from {table} where bron = %s and {area} = %s and dag >= '2025-07-01'", SIGNALEN, LARGE)
    return url


def run(url: str) -> set[str]:
    compute(url, (GEMEENTE, SIGNALEN), asked=NEWEST, methoden=configure(SCAN, OPKOMEND, BLINDE_VLEKKEN))
    return {klasse for (klasse,) in rows(url, FOUND, NEWEST, SIGNALEN, LARGE)}


def test_a_covered_buurt_without_reports_is_silent(emptied: str) -> None:
    assert "stil" in run(emptied)


def test_the_same_buurt_without_coverage_is_neither_silent_nor_cold(emptied: str) -> None:
    assert change(emptied, "delete from publiek.bron_dekking where bron = %s", SIGNALEN) == 1
    change(
        emptied,
        "insert into publiek.bron_dekking (gemeente_code, bron, gebied, van, tot) select gemeente_code, %s, code, "
        "'2023-10-01', case when code = %s then date '2025-06-30' else '2026-09-30' end "
        "from publiek.gebied where niveau = 'buurt'",
        SIGNALEN,
        LARGE,
    )
    assert run(emptied) == set()
    ran = "select count(*) from intern.hotspot_run where vervangen_op is null and bron = %s and periode = %s "
    assert value(emptied, f"{ran} and resultaat ->> 'reden' is null", SIGNALEN, NEWEST) >= 3
