"""Spatial functions and geometry literals. The features are in ``table.py``."""

from __future__ import annotations

import json

import psycopg
import pytest
from sqlalchemy import column, select, table

from geo_service.db.queries.cql2 import InvalidFilter, compile_filter
from geo_service.db.queries.selectie import compile_statement
from tests.geo_service.cql2.table import Ding, vraag

RD = vraag(28992)
LAT_LON = vraag(4326, omgekeerd=True)
ALL = {1, 2, 3, 5, 6}
SQUARE = "POLYGON((258000 470900,258200 470900,258200 471100,258000 471100,258000 470900))"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"S_INTERSECTS(geometry, {SQUARE})", {1, 2, 5, 6}),
        (f"S_INTERSECTS({SQUARE}, geom)", {1, 2, 5, 6}),
        (f"S_DISJOINT(geometry, {SQUARE})", {3}),
        (f"S_EQUALS(geometry, {SQUARE})", {5}),
        (f"S_TOUCHES(geometry, {SQUARE})", {1}),
        (f"S_WITHIN(geometry, {SQUARE})", {2, 5}),
        (f"S_CROSSES(geometry, {SQUARE})", {6}),
        (f"S_CONTAINS({SQUARE}, geometry)", {2, 5}),
        (f"NOT S_INTERSECTS(geometry, {SQUARE})", {3}),
        ("S_CONTAINS(geometry, POINT(258100 471000))", {2, 5}),
        ("S_OVERLAPS(geometry, BBOX(258100, 470000, 259000, 472000))", {5}),
        ("S_EQUALS(geometry, POINT(155000 463000))", {3}),
        ("S_EQUALS(geometry, POINT(1.55E5 4630000e-1))", {3}),
        ("S_EQUALS(geometry, POINT Z(155000 463000 12))", {3}),
        ("S_EQUALS(geometry, POINTZ (155000 463000 12))", {3}),
        ("S_INTERSECTS(geometry, BBOX(155000, 463000, 155000, 463000))", {3}),
        ("S_INTERSECTS(geometry, BBOX(155000, 0, 155000, 600000))", {3}),
        ("S_INTERSECTS(geometry, BBOX(0, 0, -5, 300000, 600000, 5))", ALL),
        ("S_INTERSECTS(geometry, MULTIPOINT(258000 471000, 155000 463000))", {1, 3, 5}),
        ("S_INTERSECTS(geometry, MULTIPOINT((258000 471000), (155000 463000)))", {1, 3, 5}),
        ("S_INTERSECTS(geometry, LINESTRING(258050 470000, 258050 472000))", {5, 6}),
        ("S_INTERSECTS(geometry, MULTILINESTRING((258050 470000, 258050 472000), (0 0, 155000 463000)))", {3, 5, 6}),
        ("S_CROSSES(geometry, LINESTRING(258050 470000, 258050 472000))", {5, 6}),
        ("S_INTERSECTS(geometry, MULTIPOLYGON(((154000 462000,156000 462000,156000 464000,154000 462000))))", {3}),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(155000 463000), LINESTRING(258050 0, 258050 500000)))",
            {3, 5, 6},
        ),
        ("S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(155000 463000), LINESTRING(258050 0, 258050 500000)))", {1, 2}),
        ("S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(155000 463000), POINT(258000 471000)))", {1, 3}),
        (f"S_INTERSECTS(POINT(258050 471000), {SQUARE})", {1, 2, 3, 4, 5, 6}),
        ("S_INTERSECTS(geometry, geom)", ALL),
        ("S_INTERSECTS(geometry, BBOX(0, 0, 1, 1)) OR aantal = 5", {1}),
    ],
)
def test_relations_in_rd(ding: Ding, text: str, found: set[int]):
    assert ding.ids(text, RD) == found


# The official point: RD 155000, 463000 is 5.387203657 E, 52.155172897 N; the box is 3 m wide.
LON, LAT = 5.387203657, 52.155172897
CRS = {
    "CRS84": (vraag(), (LON, LAT), 0.00002),
    "4326": (vraag(4326, omgekeerd=True), (LAT, LON), 0.00002),
    "4258": (vraag(4258, omgekeerd=True), (LAT, LON), 0.00002),
    "3857": (vraag(3857), (599700.77, 6828231.48), 3.0),
    "28992": (vraag(28992), (155000.0, 463000.0), 1.5),
}


@pytest.mark.parametrize("name", CRS)
def test_the_official_point_is_found_in_every_crs(ding: Ding, name: str):
    question, (x, y), half = CRS[name]
    assert ding.ids(f"S_INTERSECTS(geometry, BBOX({x - half}, {y - half}, {x + half}, {y + half}))", question) == {3}
    assert (
        ding.ids(f"S_INTERSECTS(geometry, BBOX({x + half}, {y + half}, {x + 9 * half}, {y + 9 * half}))", question)
        == set()
    )


def test_a_long_side_in_degrees_follows_its_parallel(ding: Ding, connection: psycopg.Connection):
    """Halfway a box of 6 degrees a straight side in RD would run kilometres off the parallel."""
    connection.execute(
        "create temp table lijn as select 7 as id, st_transform(st_setsrid(st_point(%s, %s), 4326), 28992) as geom",
        (5.0, 52.001),
    )
    condition = compile_filter("S_INTERSECTS(geometry, BBOX(2.5, 51, 7.5, 52))", "cql2-text", vraag())
    sql, values = compile_statement(select(column("id")).select_from(table("lijn")).where(condition))
    assert connection.execute(sql.encode(), values).fetchall() == []
    connection.execute("update lijn set geom = st_translate(geom, 0, -150)")
    assert connection.execute(sql.encode(), values).fetchall() == [(7,)]


WORLD = "BBOX(-180,-90,180,90)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"S_INTERSECTS(geometry, {WORLD})", ALL),
        ("S_INTERSECTS(geometry, POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90)))", ALL),
        (f"S_DISJOINT(geometry, {WORLD})", set()),
        (f"S_WITHIN(geometry, {WORLD})", ALL),
        (f"S_CONTAINS(geometry, {WORLD})", set()),
        (f"S_EQUALS(geometry, {WORLD})", set()),
        (f"S_TOUCHES(geometry, {WORLD})", set()),
        (f"S_CROSSES(geometry, {WORLD})", set()),
        (f"S_OVERLAPS(geometry, {WORLD})", set()),
        # Elsewhere is nowhere near, but it is a valid place.
        ("S_INTERSECTS(geometry, BBOX(100, -10, 110, 10))", set()),
        ("S_DISJOINT(geometry, POINT(-70 -30))", ALL),
        ("S_DISJOINT(geometry, LINESTRING(-70 -30, -60 -30))", ALL),
        ("S_CONTAINS(geometry, POINT(-70 -30))", set()),
        # Over the date line: everything but 170..-170, and the strip around it.
        ("S_INTERSECTS(geometry, BBOX(5, 50, -170, 53))", ALL),
        ("S_INTERSECTS(geometry, BBOX(170, 50, -170, 53))", set()),
        ("S_INTERSECTS(geometry, BBOX(170, 50, 6, 53))", {3}),
        ("S_INTERSECTS(geometry, LINESTRING(-180 -45, 0 -45))", set()),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(100 0), POLYGON((0 50,20 50,20 60,0 50))))", ALL),
    ],
)
def test_far_away_counts_without_being_transformed(ding: Ding, text: str, found: set[int]):
    assert ding.ids(text) == found


def test_a_part_elsewhere_is_not_forgotten(ding: Ding):
    """The square of feature 5 contains the point of feature 2, but not that and a point in Chile."""
    lon, lat = 6.8966735, 52.2174247
    inside = f"S_CONTAINS(geometry, MULTIPOINT({lon} {lat}))"
    assert ding.ids(inside) == ding.ids(f"S_INTERSECTS(geometry, POINT({lon} {lat}))") == {5}
    assert ding.ids(f"S_CONTAINS(geometry, MULTIPOINT({lon} {lat}, -70 -30))") == set()
    assert ding.ids(f"S_INTERSECTS(geometry, MULTIPOINT({lon} {lat}, -70 -30))") == {5}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("S_INTERSECTS(geometry, POINT EMPTY)", "lege geometrie"),
        ("S_INTERSECTS(geometry, POINT Z EMPTY)", "lege geometrie"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT EMPTY))", "lege geometrie"),
        ("S_INTERSECTS(geometry, POINT(52 6))", "verwisseld; schrijf eerst de lengte"),
        ("S_INTERSECTS(geometry, BBOX(51, 5, 52, 6))", "verwisseld"),
        ("S_INTERSECTS(geometry, POINT(90 180))", "buiten het bereik"),
        ("S_INTERSECTS(geometry, POINT(258000 471000))", "buiten het bereik"),
        ("S_INTERSECTS(geometry, POINT(1e400 1))", "te groot"),
        ("S_INTERSECTS(geometry, POINT(1))", "niet te lezen"),
        ("S_INTERSECTS(geometry, POINT(a b))", "hoort niet in een geometrie"),
        ("S_INTERSECTS(geometry, LINESTRING(6 52))", "te weinig punten"),
        ("S_INTERSECTS(geometry, POLYGON((6 52, 7 52, 7 53, 6 53)))", "niet gesloten"),
        ("S_INTERSECTS(geometry, POLYGON((6 52, 7 53, 7 52, 6 53, 6 52)))", "snijdt zichzelf"),
        ("S_INTERSECTS(geometry, POLYGON((6 52, 6 52, 6 52, 6 52)))", "ongeldig"),
        ("S_INTERSECTS(geometry, LINESTRING(6 52, 6 52))", "ongeldig"),
        ("S_INTERSECTS(geometry, MULTIPOLYGON((((((6 52)))))))", "te veel haakjes"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(6 52))))", "geen geldige CQL2"),
        ("S_INTERSECTS(geometry, BBOX(6, 52, 7))", "aantal coördinaten"),
        ("S_INTERSECTS(geometry, BBOX(6, 53, 7, 52))", "voorbij zijn eind"),
        ("S_INTERSECTS(geometry, BBOX(aantal, 52, 7, 53))", "geen getal"),
        ("S_INTERSECTS(geometry, naam)", "'naam' is er geen"),
        ("S_INTERSECTS(foo, POINT(6 52))", "'foo' bestaat niet"),
        ("S_INTERSECTS(geometry, 5)", "vergelijkt geometrieën"),
        ("S_INTERSECTS(geometry, buffer(geometry, 5))", "uitkomst van 'buffer'"),
        ("S_INTERSECTS(geometry)", "2 waarden"),
        ("S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(6 52), LINESTRING(6 53, 7 53)))", "door elkaar"),
        ("POINT(6 52)", "geen voorwaarde"),
        ("geometry", "geen voorwaarde"),
        ("geometry = naam", "'geometry' bestaat niet"),
        ("POINT(6 52) IS NULL", "niet na een geometrie"),
    ],
)
def test_wrong_geometries_are_refused(ding: Ding, text: str, reason: str):
    with pytest.raises(InvalidFilter, match=reason):
        ding.ids(text)


def test_the_order_of_the_axes_is_that_of_the_crs(ding: Ding):
    assert ding.ids("S_INTERSECTS(geometry, BBOX(52, 6, 53, 7))", LAT_LON) == {1, 2, 5, 6}
    assert ding.ids("S_INTERSECTS(geometry, BBOX(50, 170, 53, 6))", LAT_LON) == {3}
    with pytest.raises(InvalidFilter, match="schrijf eerst de breedte"):
        ding.ids("S_INTERSECTS(geometry, POINT(6 52))", LAT_LON)


def test_an_unknown_crs_is_refused(ding: Ding):
    with pytest.raises(InvalidFilter, match="EPSG:32631"):
        ding.ids("S_INTERSECTS(geometry, POINT(6 52))", vraag(32631))


@pytest.mark.parametrize("function", ["s_intersects", "s_within", "s_touches", "s_equals", "s_contains"])
def test_the_index_on_the_geometry_is_used(connection: psycopg.Connection, function: str):
    connection.execute(
        f"create table punt_{function} as select i as id, "
        "st_setsrid(st_point(200000 + i % 100 * 500, 400000 + i / 100 * 500), 28992) as geom "
        "from generate_series(1, 10000) i"
    )
    connection.execute(f"create index on punt_{function} using gist (geom)")
    connection.execute(f"analyze punt_{function}")
    text = {"op": function, "args": [{"property": "geometry"}, {"bbox": [6.2, 51.9, 6.21, 51.91]}]}
    condition = compile_filter(json.dumps(text), "cql2-json", vraag())
    sql, values = compile_statement(select(column("id")).select_from(table(f"punt_{function}")).where(condition))
    plan = "\n".join(line for (line,) in connection.execute(b"explain " + sql.encode(), values))
    assert f"punt_{function}_geom_idx" in plan, plan
