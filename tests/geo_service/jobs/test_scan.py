"""The scan in a village of eight buurten, where every number is planted: who counts, who is left out, and why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from geo_service.domain.hotspots import SCAN
from geo_service.domain.perioden import kwartaal
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.analyse.scan.nieuw import last_weeks
from geo_service.jobs.analyse.scan.vensters import automatic_radius
from geo_service.jobs.verversen import Berekend, compute
from tests.geo_service.release.dorp import (
    BRON,
    GEMEENTE,
    LETTERS,
    buurt_code,
    load_dorp,
    load_points,
    load_tellingen,
    square,
)
from tests.geo_service.support import change, rows, settings

Place = tuple[float, float]
Report = tuple[Place, date]
FIRST = date(2024, 1, 1)
LAST_SUNDAY = date(2024, 12, 29)


def places(letter: str, count: int, *, start: int = 0) -> list[Place]:
    """Different places in a buurt, 25 metres apart."""
    west, south, *_ = square(letter).bounds
    numbers = range(start, start + count)
    return [(west + 102 + 25 * (n % 30), south + 102 + 25 * (n // 30)) for n in numbers]


def background() -> list[Report]:
    """In every buurt a report every other week, each from another place; H has few dwellings and few reports."""
    found = []
    for offset, letter in enumerate(LETTERS):
        weeks = range(offset % 2, 52, 8 if letter == "H" else 2)
        spots = places(letter, len(weeks))
        found += [(spot, FIRST + timedelta(weeks=week, days=2)) for spot, week in zip(spots, weeks, strict=True)]
    return found


def plant(url: str, reports: Sequence[Report]) -> None:
    load_dorp(url)
    x, y = np.array([place for place, _ in reports]).T
    load_points(url, x, y, [day.isoformat() for _, day in reports])


def scan(url: str, asked: str = "2024-Q4") -> Berekend:
    (done,) = compute(url, (GEMEENTE, BRON), asked=asked, methoden=configure(SCAN))
    return done


def found(url: str, klasse: str) -> list[tuple[Any, ...]]:
    return rows(
        url,
        "select h.buurten, h.plekken from intern.hotspot h join intern.hotspot_run r using (run_id) "
        "where h.klasse = %s and h.categorie = 'alle' and r.vervangen_op is null order by 1",
        klasse,
    )


def recent(spots: Sequence[Place], per_place: int, *, weeks: int = 4) -> list[Report]:
    """Reports of each place, spread over the last weeks."""
    return [
        (spot, LAST_SUNDAY - timedelta(days=3 + 7 * ((number + n) % weeks)))
        for n, spot in enumerate(spots)
        for number in range(per_place)
    ]


def test_many_reporters_are_high_and_new(url: str) -> None:
    plant(url, [*background(), *recent(places("C", 24, start=200), 1)])
    assert scan(url).reden is None
    assert [buurten for buurten, _ in found(url, "hoog")] == [[buurt_code("C")]]
    assert [buurten for buurten, _ in found(url, "nieuw")] == [[buurt_code("C")]]


def test_one_place_that_reports_often_is_neither(url: str) -> None:
    plant(url, [*background(), *recent(places("C", 1, start=200), 40)])
    scan(url)
    assert found(url, "hoog") == found(url, "nieuw") == []


def test_a_few_neighbours_do_not_make_a_caller_a_place(url: str) -> None:
    """Eight others report too, so that it is new indeed; but most reports are of one."""
    caller, *others = places("C", 9, start=200)
    plant(url, [*background(), *recent([caller], 60), *recent(others, 2)])
    scan(url)
    assert found(url, "nieuw") == []


def test_two_places_and_a_passer_by_are_too_few_for_anyone(url: str) -> None:
    plant(url, [*background(), *recent(places("C", 2, start=200), 8)])
    with settings(drempel_dienst=3):
        scan(url)
    assert found(url, "nieuw") == found(url, "hoog") == []


def test_the_same_neighbours_without_the_caller_are_new(url: str) -> None:
    plant(url, [*background(), *recent(places("C", 9, start=200), 3)])
    scan(url)
    assert [buurten for buurten, _ in found(url, "nieuw")] == [[buurt_code("C")]]


def test_a_buurt_with_hardly_any_dwellings_has_no_expectation(url: str) -> None:
    """H has 80 dwellings: whatever is reported there, nothing says how much would be usual."""
    plant(url, [*background(), *recent(places("H", 30, start=200), 1)])
    scan(url)
    assert found(url, "hoog") == []
    # Against its own past it can be compared.
    assert [buurten for buurten, _ in found(url, "nieuw")] == [[buurt_code("H")]]


def test_half_a_quarter_of_coverage_halves_what_is_expected(url: str) -> None:
    """C is covered for the first half of the quarter only, and reports as much as the others do in all of it."""
    plant(url, background())
    scan(url, "2024-Q2")
    assert found(url, "hoog") == []
    whole = rows(url, "select resultaat from intern.hotspot_run where vervangen_op is null")[0][0]["hoog"]["alle"]
    change(url, "delete from publiek.bron_dekking")
    for letter in LETTERS:
        change(
            url,
            "insert into publiek.bron_dekking (gemeente_code, bron, gebied, van, tot) values (%s, %s, %s, %s, %s)",
            GEMEENTE, BRON, buurt_code(letter), FIRST, date(2024, 4, 1) if letter == "C" else date(2024, 12, 31),
        )  # fmt: skip
    scan(url, "2024-Q2")
    partly = rows(url, "select resultaat from intern.hotspot_run where vervangen_op is null")[0][0]["hoog"]["alle"]
    assert whole["buurten"] == partly["buurten"] == 7
    assert found(url, "hoog") == []
    assert not any(buurt_code("C") in buurten for buurten, _ in found(url, "nieuw"))


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda url: load_tellingen(url, {"A": 40, "B": 12}), "niet van wie of waar"),
        (lambda url: load_points(url, *np.array(places("A", 3)).T, ["2023-05-05"] * 3), "geen meldingen"),
    ],
)
def test_without_places_or_reports_the_run_says_why_not(url: str, prepare: Callable[[str], None], reason: str) -> None:
    load_dorp(url)
    prepare(url)
    done = scan(url, "2024-Q1")
    assert (done.intern, done.openbaar) == (0, 0)
    assert reason in (done.reden or "")


def test_without_dwellings_or_inhabitants_only_what_is_new_is_told(url: str) -> None:
    plant(url, [*background(), *recent(places("C", 24, start=200), 1)])
    change(url, "delete from publiek.kerncijfer")
    scan(url)
    assert found(url, "hoog") == []
    assert found(url, "nieuw") != []
    (resultaat,) = rows(url, "select resultaat -> 'hoog' ->> 'reden' from intern.hotspot_run")[0]
    assert resultaat.startswith("Er zijn geen woningen of inwoners")


# --- windows


def test_the_last_weeks_end_within_the_period_and_the_data() -> None:
    weeks = last_weeks(kwartaal(2026, 3), None, 52)
    assert (len(weeks), weeks[-1].tot, weeks[0].van) == (52, date(2026, 9, 27), date(2025, 9, 29))
    assert all(week.van.weekday() == 0 and week.dagen == 7 for week in weeks)
    assert last_weeks(kwartaal(2026, 3), date(2026, 8, 7), 2)[-1].tot == date(2026, 8, 2)
    assert last_weeks(kwartaal(2023, 4), None, 1)[0].tot == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("xy", "radius"),
    [
        (np.empty((0, 2)), 1000.0),
        (np.array([[0.0, 0.0]]), 1000.0),
        (np.array([[0.0, 0.0], [5000.0, 0.0]]), 5000.0),
        (np.array([[300.0 * n, 0.0] for n in range(20)]), 1000.0),
        (np.array([[2000.0 * n, 0.0] for n in range(20)]), 4000.0),
    ],
)
def test_the_radius_reaches_a_few_buurten(xy: np.ndarray, radius: float) -> None:
    assert automatic_radius(xy) == radius
