"""Tile matrix sets: the registered numbers, and the arithmetic of tiles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.crs import transformer
from geo_service.domain.tegels import NETHERLANDS_RD, STELSELS, WEB_MERCATOR, Tegel, Tegelstelsel

# Corners of the Netherlands in degrees, a little inside.
LONLAT = st.tuples(st.floats(3.4, 7.2), st.floats(50.8, 53.5))
SETS = st.sampled_from(list(STELSELS.values()))
patient = settings(deadline=None)


def tile_at(stelsel: Tegelstelsel, niveau: int, lonlat: tuple[float, float]) -> Tegel:
    x, y = transformer(4326, stelsel.crs.srid).transform(*lonlat)
    side = (stelsel.bounds[2] - stelsel.bounds[0]) / 2**niveau
    found = stelsel.find_tile(niveau, int((stelsel.north - y) // side), int((x - stelsel.west) // side))
    assert found is not None
    return found


#  set, level -> scale denominator, metres per pixel, as registered
REGISTERED = [
    (WEB_MERCATOR, 0, 559082264.0287178, 156543.03392804097),
    (WEB_MERCATOR, 14, 34123.67334159654, 9.554628535647032),
    (WEB_MERCATOR, 22, 133.2955989906115, 0.03732276771737122),
    (NETHERLANDS_RD, 0, 12288000.0, 3440.64),
    (NETHERLANDS_RD, 10, 12000.0, 3.36),
    (NETHERLANDS_RD, 16, 187.5, 0.0525),
]


@pytest.mark.parametrize(("stelsel", "niveau", "schaal", "cel"), REGISTERED)
def test_the_scales_are_the_registered_ones(stelsel, niveau, schaal, cel):
    assert stelsel.scale_denominator(niveau) == pytest.approx(schaal, rel=1e-12)
    assert stelsel.cell_size(niveau) == pytest.approx(cel, rel=1e-12)


def test_the_dutch_set_has_the_corners_of_the_dutch_guideline():
    assert NETHERLANDS_RD.bounds == pytest.approx((-285401.92, 22598.08, 595401.92, 903401.92), abs=1e-6)
    assert (NETHERLANDS_RD.niveaus, WEB_MERCATOR.niveaus) == (17, 23)


#  level, row, column -> west, south, east, north
BOUNDS = [
    (WEB_MERCATOR, (1, 0, 1), (0.0, 0.0, 20037508.342789244, 20037508.342789244)),
    (WEB_MERCATOR, (1, 1, 0), (-20037508.342789244, -20037508.342789244, 0.0, 0.0)),
    (NETHERLANDS_RD, (2, 1, 3), (375200.96, 463000.0, 595401.92, 683200.96)),
]


@pytest.mark.parametrize(("stelsel", "tegel", "bounds"), BOUNDS)
def test_rows_count_down_from_the_top(stelsel, tegel, bounds):
    assert stelsel.find_tile(*tegel).bounds == pytest.approx(bounds, abs=1e-6)


@pytest.mark.parametrize("tegel", [(-1, 0, 0), (0, 1, 0), (0, 0, 1), (3, -1, 0), (3, 0, 8), (17, 0, 0)])
def test_there_is_no_tile_outside_the_matrix(tegel):
    assert NETHERLANDS_RD.find_tile(*tegel) is None


@patient
@given(SETS, LONLAT, st.integers(0, 16))
def test_the_box_in_rd_holds_every_point_of_the_tile(stelsel, lonlat, niveau):
    """Also at level 0, where only the Netherlands are left of the tile."""
    box = tile_at(stelsel, niveau, lonlat).stored_box()
    assert box is not None
    x, y = transformer(4326, 28992).transform(*lonlat)
    # The point may lie in the corner of a tile that is a curve in RD, drawn with points 5 km apart.
    assert box[0] - 1 <= x <= box[2] + 1
    assert box[1] - 1 <= y <= box[3] + 1


@pytest.mark.parametrize("tegel", [(8, 100, 60), (4, 0, 0), (10, 1023, 1023)])
def test_a_tile_elsewhere_on_earth_has_no_box(tegel):
    assert WEB_MERCATOR.find_tile(*tegel).stored_box() is None


@patient
@given(SETS, LONLAT, st.integers(0, 15))
def test_four_tiles_fill_the_one_above(stelsel, lonlat, niveau):
    above = tile_at(stelsel, niveau, lonlat)
    below = [
        stelsel.find_tile(niveau + 1, 2 * above.rij + row, 2 * above.kolom + column)
        for row in (0, 1)
        for column in (0, 1)
    ]
    bounds = list(zip(*(tile.bounds for tile in below), strict=True))
    corners = [*map(min, bounds[:2]), *map(max, bounds[2:])]
    assert corners == pytest.approx(above.bounds, abs=1e-6)
    assert sum(tile.zijde**2 for tile in below) == pytest.approx(above.zijde**2)


@patient
@given(SETS, LONLAT, LONLAT)
def test_the_limits_hold_the_tiles_of_every_corner(stelsel, one, other):
    west, south = min(one[0], other[0]), min(one[1], other[1])
    east, north = max(one[0], other[0]), max(one[1], other[1])
    limits = {limit.niveau: limit for limit in stelsel.limits((west, south, east, north))}
    assert list(limits) == list(range(stelsel.niveaus))
    for niveau, limit in limits.items():
        for corner in ((west, south), (east, north), (west, north), (east, south)):
            tile = tile_at(stelsel, niveau, corner)
            assert limit.eerste_rij <= tile.rij <= limit.laatste_rij
            assert limit.eerste_kolom <= tile.kolom <= limit.laatste_kolom


def test_nothing_is_within_limits_far_away():
    assert list(NETHERLANDS_RD.limits((30.0, 50.0, 31.0, 51.0))) == []


def test_metres_on_the_ground_are_those_of_the_netherlands():
    assert WEB_MERCATOR.find_tile(14, 0, 0).ground_resolution == pytest.approx(5.86, abs=0.01)
    assert NETHERLANDS_RD.find_tile(10, 0, 0).ground_resolution == 3.36
