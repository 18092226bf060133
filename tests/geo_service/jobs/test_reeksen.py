"""Series per buurt and period: by hand in a village, and recounted from the reports of the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from geo_service.db.connection import privileged_connection
from geo_service.domain.perioden import Periode, kwartaal, parse_periode
from geo_service.jobs.analyse.kader import load_kader
from geo_service.jobs.analyse.reeksen import Lezer, Plekken, Reeks
from tests.geo_service.dorp import COLUMNS, GEMEENTE, MIDDLE, NO, NW, ZO, ZW, melding, write_csv
from tests.geo_service.release import dorp as acht
from tests.geo_service.support import load, rows

Q1, Q2 = kwartaal(2025, 1), kwartaal(2025, 2)
BRONNEN = """
[[bron]]
naam = "l"
gemeente = "GM9001"
houder = "gemeente Dorp"
definitie = "meldingen"
registratie_eenheid = "melding"

[[dekking]]
bron = "l"
gebied = "GM9001"
van = 2025-01-01
tot = 2025-06-30
"""


def read(url: str, perioden: Iterable[Periode], *, gemeente: str = GEMEENTE, bron: str = "l") -> dict[str, Reeks]:
    kader = asyncio.run(load_kader(url, gemeente, bron, None))
    with privileged_connection(url) as connection:
        return Lezer(connection, kader).reeksen(list(perioden), kader.gemeente.vintages[-1].jaar)


def plant(url: str, folder: Path, meldingen: Iterable[dict[str, Any]], *, bronnen: str = BRONNEN) -> None:
    (folder / "bronnen.toml").write_text(bronnen, encoding="utf-8")
    load("ingest", "bronnen", folder / "bronnen.toml", url=url)
    numbered = [row | {"id": number} for number, row in enumerate(meldingen)]
    path = write_csv(folder / "l.csv", numbered, (*COLUMNS, "email", "adres"))
    load("ingest", "meldingen", path, "--bron", "l", url=url)


def at(reeks: Reeks, values: np.ndarray, buurt: str) -> list[float]:
    return values[reeks.buurten.index(buurt)].tolist()


def test_reports_and_places_are_told_apart(dorp_url: str, tmp_path: Path) -> None:
    """Reporter, else address, else the cell of 10 metres; the same place counts once per buurt, period and category."""
    x, y = MIDDLE[NW]
    plant(
        dorp_url,
        tmp_path,
        [
            *[melding(0, email="een") for _ in range(5)],
            melding(0, email="een", category="wegen-verkeer-straatmeubilair-overig"),
            melding(0, email="twee", created_at="2025-05-01T12:00:00Z"),
            *[melding(0, buurt=ZO, adres="Kerkstraat 1") for _ in range(3)],
            melding(0, buurt=ZO, adres="Kerkstraat 2"),
            *[melding(0, at=(x + metres, y)) for metres in (1, 2, 9, 11)],
        ],
    )
    reeksen = read(dorp_url, [Q1, Q2])
    alle, afval = reeksen["alle"], reeksen["afval"]
    assert [at(alle, alle.aantal, buurt) for buurt in (ZW, ZO, NW, NO)] == [[6, 1], [4, 0], [4, 0], [0, 0]]
    assert [at(alle, alle.plekken, buurt) for buurt in (ZW, ZO, NW, NO)] == [[1, 1], [2, 0], [2, 0], [0, 0]]
    assert at(afval, afval.aantal, ZW) == [5, 1]
    assert at(alle, alle.onbekend, NW) == [2, 0]
    assert alle.plekken_soort == "melders, adressen of plekken van 10 meter"


def test_days_without_coverage_leave_the_count_and_the_share(dorp_url: str, tmp_path: Path) -> None:
    covered = BRONNEN.replace('gebied = "GM9001"\nvan = 2025-01-01', 'gebied = "BU90010000"\nvan = 2025-03-02')
    days = ("2025-03-01", "2025-03-02", "2025-06-30", "2025-07-01")
    meldingen = [melding(0, buurt=buurt, created_at=f"{day}T10:00:00Z") for buurt in (ZW, NO) for day in days]
    plant(dorp_url, tmp_path, meldingen, bronnen=covered)
    alle = read(dorp_url, [Q1, Q2])["alle"]
    assert at(alle, alle.aantal, ZW) == [1, 1]
    assert at(alle, alle.dekking, ZW) == pytest.approx([30 / 90, 1])
    assert at(alle, alle.aantal, NO) == at(alle, alle.dekking, NO) == [0, 0]
    assert not alle.gedekt[alle.buurten.index(NO)].any()


def test_what_lies_before_the_last_trend_break_is_not_known(dorp_url: str, tmp_path: Path) -> None:
    breuken = BRONNEN + "".join(
        f'[[trendbreuk]]\nbron = "l"\n{gebied}datum = {datum}\nreden = "nieuw systeem"\n'
        for gebied, datum in (("", "2025-02-01"), ('gebied = "BU90010001"\n', "2025-04-01"))
    )
    plant(dorp_url, tmp_path, [melding(0, buurt=buurt) for buurt in (ZW, ZO)], bronnen=breuken)
    months = [parse_periode(f"2025-{month:02d}") for month in range(1, 7)]
    alle = read(dorp_url, months)["alle"]
    since = alle.since_break()
    assert at(since, since.dekking, ZW) == [0, 1, 1, 1, 1, 1]
    assert at(since, since.dekking, ZO) == [0, 0, 0, 1, 1, 1]
    assert (at(alle, alle.aantal, ZO)[2], at(since, since.aantal, ZO)[2]) == (1, 0)
    assert since.trimmed().perioden[0].code == "2025-02"
    assert alle.breuken([ZW]) == ["1 februari 2025: nieuw systeem"]
    assert alle.breuken([ZO])[1] == "1 april 2025: nieuw systeem"


def test_a_break_on_the_first_day_of_a_series_does_not_end_it(dorp_url: str, tmp_path: Path) -> None:
    breuk = BRONNEN + '[[trendbreuk]]\nbron = "l"\ndatum = 2025-01-01\nreden = "begin"\n'
    plant(dorp_url, tmp_path, [melding(0)], bronnen=breuk)
    alle = read(dorp_url, [Q1, Q2])["alle"]
    assert alle.trendbreuken == ()
    assert alle.since_break().gedekt.all()


def test_a_buurt_that_was_another_area_is_not_known_then(url: str) -> None:
    """The line between A and B moved in 2024: what 2023 counted there is not about these areas."""
    bronnen = acht.BRONNEN + acht.HEEL_2024.replace("2024-01-01", "2023-01-01")
    acht.load_dorp(url, bronnen=bronnen)
    acht.load_vintage(url, 2024, border=200)
    middles = {letter: acht.square(letter).centroid for letter in "ABC"}
    x, y = (np.array([getattr(point, axis) for point in middles.values()] * 2) for axis in "xy")
    acht.load_points(url, x, y, ["2023-11-15"] * 3 + ["2024-02-15"] * 3)
    alle = read(url, [kwartaal(2023, 4), kwartaal(2024, 1)], gemeente=acht.GEMEENTE, bron=acht.BRON)["alle"]
    seen = {letter: at(alle, alle.aantal, acht.buurt_code(letter)) for letter in "ABC"}
    assert seen == {"A": [0, 1], "B": [0, 1], "C": [1, 1]}
    assert at(alle, alle.dekking, acht.buurt_code("A")) == [0, 1]


def test_one_or_three_periods_cost_the_same_and_none_is_read_twice(demo_url: str) -> None:
    class Counting:
        def __init__(self, connection: psycopg.Connection):
            self.connection, self.statements = connection, []

        def execute(self, statement: str, *values: Any) -> psycopg.Cursor:
            self.statements.append(statement)
            return self.connection.execute(statement, *values)

    kader = asyncio.run(load_kader(demo_url, "GM0153", "politie-overlast", None))
    quarters = list(kader.kwartalen)
    with privileged_connection(demo_url) as connection:
        lengths = []
        for asked in (quarters[-1:], quarters[-3:]):
            counting = Counting(connection)
            lezer = Lezer(counting, kader)  # type: ignore[arg-type]
            first = lezer.reeksen(asked, 2021)
            lengths.append(len(counting.statements))
            again = lezer.reeksen(asked[-1:], 2021)
            assert len(counting.statements) == lengths[-1]
            np.testing.assert_array_equal(again["alle"].aantal[:, -1], first["alle"].aantal[:, -1])
    assert lengths[0] == lengths[1] <= 4


@pytest.mark.parametrize("bron", ["signalen-openbare-ruimte", "meldpunt-woonoverlast", "politie-overlast"])
def test_the_demo_is_counted_as_its_reports_are(demo_url: str, bron: str) -> None:
    """From the reports themselves: a source of the demo delivers nothing where it does not cover."""
    quarters = [kwartaal(2025, 2), kwartaal(2026, 3)]
    reeksen = read(demo_url, quarters, gemeente="GM0153", bron=bron)
    for column, quarter in enumerate(quarters):
        counted = rows(
            demo_url,
            "select c.hoofd, m.buurt_code, count(*), count(distinct coalesce(m.melder::text, m.adres::text, "
            "floor(st_x(m.geom) / 10) || '/' || floor(st_y(m.geom) / 10))) from intern.melding m "
            "join publiek.categorie c on c.code = m.categorie where m.bron = %s and m.dag between %s and %s "
            "and m.buurt_code is not null group by 1, 2",
            bron,
            quarter.van,
            quarter.tot,
        )
        assert counted
        for head, buurt, reports, places in counted:
            reeks = reeksen[head]
            assert (at(reeks, reeks.aantal, buurt)[column], at(reeks, reeks.plekken, buurt)[column]) == (
                reports,
                places,
            )
        total = sum(reeks.aantal[:, column].sum() for head, reeks in reeksen.items() if head != "alle")
        assert reeksen["alle"].aantal[:, column].sum() == total == sum(row[2] for row in counted)


def test_places_of_a_window_are_counted_together(dorp_url: str, tmp_path: Path) -> None:
    plant(
        dorp_url,
        tmp_path,
        [*[melding(0, buurt=buurt, email="een") for buurt in (ZW, ZO, ZO)], melding(0, buurt=ZO, email="twee")],
    )
    kader = asyncio.run(load_kader(dorp_url, GEMEENTE, "l", None))
    with privileged_connection(dorp_url) as connection:
        found = Lezer(connection, kader).plekken("afval", [ZW, ZO], Q1, 2021)
    assert found == Plekken(aantal=4, plekken=2, grootste=3)
    assert found.one_caller


@pytest.mark.parametrize(("most", "reports", "is_one"), [(5, 10, False), (6, 10, True), (0, 0, False), (1, 1, True)])
def test_one_caller_made_more_than_half(most: int, reports: int, is_one: bool) -> None:
    assert Plekken(reports, 5, most).one_caller is is_one


def test_a_series_that_is_covered_nowhere_is_empty_once_trimmed(dorp_url: str, tmp_path: Path) -> None:
    plant(dorp_url, tmp_path, [melding(0)])
    alle = read(dorp_url, [kwartaal(2020, 1), kwartaal(2020, 2)])["alle"]
    assert not alle.gedekt.any()
    assert alle.trimmed().perioden == ()
    assert alle.tot(date(2020, 3, 31)).aantal.shape == (4, 1)
