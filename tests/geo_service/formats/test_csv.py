"""CSV: what a spreadsheet, R and Python get to see."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import shapely
import shapely.affinity

from geo_service.domain.velden import Soort, Veld
from tests.geo_service.formats.tabellen import HERKOMST, LICENTIE, as_rij, make_rij, make_tabel, write

HEADING = "id,naam,aantal,per_1000,gedekt,dag,moment,rd_x,rd_y,lon,lat,herkomst\r\n"
LAST = f'"{HERKOMST}; licentie: {LICENTIE}"'


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_every_byte_of_a_small_file() -> None:
    moment = datetime(2024, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    rows = [
        make_rij(7, shapely.Point(155000, 463000), "Coöp", 0, -1.5, True, date(1969, 12, 31), moment),
        make_rij(8, None),
    ]
    expected = (
        HEADING
        + f"7,Coöp,0,-1.5,true,1969-12-31,2024-06-30T22:30:00Z,155000,463000,LON,LAT,{LAST}\r\n"
        + f"8,,,,,,,,,,,{LAST}\r\n"
    )
    found = write("csv", make_tabel(), rows).decode()
    # Decimetres depend on the grid files of PROJ; seven decimals do not.
    assert re.sub(r",5\.38720\d\d,52\.15517\d\d,", ",LON,LAT,", found) == expected


def test_the_official_point_of_the_rd_net() -> None:
    (row,) = read(write("csv", make_tabel(), [make_rij(1, shapely.Point(155000, 463000))]))
    assert abs(float(row["lon"]) - 5.387203657) * 68_300 < 0.25
    assert abs(float(row["lat"]) - 52.155172897) * 111_200 < 0.25


@pytest.mark.parametrize(
    ("srid", "x", "y"), [(4326, 5.3872037, 52.1551729), (4258, 5.3872037, 52.1551729), (3857, 599700.76, 6829920.0)]
)
def test_other_crs_still_give_rd_and_degrees(srid: int, x: float, y: float) -> None:
    (row,) = read(write("csv", make_tabel(srid=srid), [make_rij(1, shapely.Point(x, y))]))
    if srid != 3857:
        assert (row["lon"], row["lat"]) == ("5.3872037", "52.1551729")
        assert float(row["rd_x"]) == pytest.approx(155000, abs=0.6)
        assert float(row["rd_y"]) == pytest.approx(463000, abs=0.6)
    else:
        assert float(row["lon"]) == pytest.approx(5.3872, abs=0.001)
        assert float(row["rd_x"]) == pytest.approx(155000, abs=60)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+31", "'+31"), ("-5", "'-5"), ("@som", "'@som"), ("\tx", "'\tx"), ("\rx", "'\rx"),
        ("a=1", "a=1"), ("a\n=1", "a\n=1"), ("", ""), ("'", "'"), ('"q", é', '"q", é'),
    ],
)  # fmt: skip
def test_no_text_runs_as_a_formula(text: str, written: str) -> None:
    (row,) = read(write("csv", make_tabel(), [make_rij(1, None, text, -5, -5.5)]))
    assert (row["naam"], row["aantal"], row["per_1000"]) == (written, "-5", "-5.5")


def test_a_text_id_is_a_text() -> None:
    (row,) = read(write("csv", make_tabel(id_soort=Soort.TEKST), [make_rij("=A1", None)]))
    assert row["id"] == "'=A1"


def test_missing_is_empty_and_an_empty_text_is_quoted() -> None:
    lines = write("csv", make_tabel(), [make_rij(1, None, None), make_rij(2, None, "")]).decode().split("\r\n")
    assert [line.split(",")[1] for line in lines[1:3]] == ["", '""']


def test_a_fraction_of_a_second_only_where_there_is_one() -> None:
    moments = [datetime(1969, 12, 31, 23, 59, 59, 5, UTC), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)]
    rows = [make_rij(n, None, None, None, None, None, None, moment) for n, moment in enumerate(moments)]
    found = [row["moment"] for row in read(write("csv", make_tabel(), rows))]
    assert found == ["1969-12-31T23:59:59.000005Z", "1969-12-31T23:59:59Z"]


def test_areas_give_a_point_inside_and_their_shape() -> None:
    shape = shapely.from_wkt("POLYGON ((0 0, 30 0, 30 30, 20 30, 20 10, 10 10, 10 30, 0 30, 0 0))")
    moved = shapely.MultiPolygon([shapely.affinity.translate(shape, 257000, 471000)])
    (row,) = read(write("csv", make_tabel("MultiPolygon"), [make_rij(1, moved)]))
    assert shapely.from_wkt(row["wkt"]).equals(moved)
    assert moved.contains(shapely.Point(float(row["rd_x"]), float(row["rd_y"])))


def test_rows_that_say_where_they_are_from_keep_that() -> None:
    tabel = make_tabel(None, velden=(Veld("herkomst", Soort.TEKST, "Herkomst"),))
    assert write("csv", tabel, [as_rij(1, None, ["Bron: zelf"])]) == b"id,herkomst\r\n1,Bron: zelf\r\n"


def test_no_rows_is_a_heading() -> None:
    assert write("csv", make_tabel(), []).decode() == HEADING
