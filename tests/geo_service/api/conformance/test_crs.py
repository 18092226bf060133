"""OGC API – Features Part 2: Coordinate Reference Systems by Reference.

The official test point of the Dutch grid, RD 155000, 463000, lies at 5.387203657 E, 52.155172897 N. Without the grids
of RDNAP a point may be off by a quarter of a metre.
"""

from __future__ import annotations

import math

import pytest

from tests.geo_service.api.conftest import LONLAT_POINT, RD_POINT
from tests.geo_service.api.website import items_of, named

DEF = "http://www.opengis.net/def/crs/"
CRS84, ETRS89, RD = f"{DEF}OGC/1.3/CRS84", f"{DEF}EPSG/0/4258", f"{DEF}EPSG/0/28992"
MERCATOR, WGS84 = f"{DEF}EPSG/0/3857", f"{DEF}EPSG/0/4326"
LON, LAT = LONLAT_POINT
X = math.radians(LON) * 6_378_137
Y = math.log(math.tan(math.pi / 4 + math.radians(LAT) / 2)) * 6_378_137
# A quarter of a metre: in degrees of longitude and latitude, and in metres of Mercator, which are shorter ones here.
QUARTER = {"lon": 0.25 / 68_400, "lat": 0.25 / 111_200, "m": 0.25, "web": 0.25 / math.cos(math.radians(LAT))}
#  system -> the point as this system writes it, and how much each number may be off
POINT = {
    CRS84: ((LON, LAT), (QUARTER["lon"], QUARTER["lat"])),
    ETRS89: ((LAT, LON), (QUARTER["lat"], QUARTER["lon"])),
    RD: (RD_POINT, (QUARTER["m"], QUARTER["m"])),
    MERCATOR: ((X, Y), (QUARTER["web"], QUARTER["web"])),
    WGS84: ((LAT, LON), (QUARTER["lat"], QUARTER["lon"])),
}
SYSTEMS = list(POINT)
STORAGE = RD


def near(found: list[float], system: str) -> bool:
    expected, tolerance = POINT[system]
    return all(abs(a - b) <= room for a, b, room in zip(found, expected, tolerance, strict=True))


def around(system: str, metres: float, *, east: float = 0) -> str:
    """A box in a system around the point; east: moved by so many metres."""
    (first, second), (a, b) = POINT[system]
    scale = metres / 0.25
    shift = east / 0.25
    along = (b * shift, a * 0) if system in (ETRS89, WGS84) else (a * shift, b * 0)
    first, second = (first, second + along[0]) if system in (ETRS89, WGS84) else (first + along[0], second)
    return ",".join(map(str, (first - a * scale, second - b * scale, first + a * scale, second + b * scale)))


def test_req_crs_crs_uri(demo):
    """Systems are named by the URI of the register; EPSG:28992 and CRS84 are taken too."""
    listed = demo.get("/v1/collections").json()["crs"]
    assert sorted(listed) == sorted(SYSTEMS)


def test_req_crs_fc_md_crs_list(collections):
    for document in collections.values():
        assert document["crs"][0] == CRS84
        assert sorted(document["crs"]) == sorted(SYSTEMS)


def test_req_crs_fc_md_storage_crs(collections):
    for document in collections.values():
        assert document["storageCrs"] == STORAGE
        assert document["storageCrs"] in document["crs"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_crs_fc_crs_action(meetpunt, system):
    """The coordinates and their order are those of the system that was asked for."""
    (feature,) = meetpunt.features("wijkwijzers", crs=system)
    assert near(feature["geometry"]["coordinates"], system), feature["geometry"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_crs_fc_crs_action_of_one_feature(meetpunt, system):
    feature = meetpunt.get(f"{items_of('wijkwijzers')}/punt.1", crs=system)
    assert feature.headers["content-crs"] == f"<{system}>"
    assert near(feature.json()["geometry"]["coordinates"], system)


def test_req_crs_fc_crs_default_value(meetpunt):
    assert meetpunt.features("wijkwijzers") == meetpunt.features("wijkwijzers", crs=CRS84)


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_crs_ogc_crs_header_value(meetpunt, system):
    answer = meetpunt.get(items_of("wijkwijzers"), crs=system)
    assert answer.headers["content-crs"] == f"<{system}>"


def test_req_crs_ogc_crs_header(meetpunt):
    assert meetpunt.get(items_of("wijkwijzers")).headers["content-crs"] == f"<{CRS84}>"
    assert meetpunt.client.head(items_of("wijkwijzers")).headers["content-crs"] == f"<{CRS84}>"


UNKNOWN = [
    f"{DEF}EPSG/0/25832", f"{DEF}EPSG/0/99999999", "EPSG:1", "28992", "rd", "", f"{RD}x", f"{RD}/", "'", "[CRS84",
]  # fmt: skip


@pytest.mark.parametrize("system", UNKNOWN)
@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
def test_req_crs_valid_value(meetpunt, name, system):
    besides = {"bbox-crs": {"bbox": "1,2,3,4"}, "filter-crs": {"filter": "naam = 'x'"}}.get(name, {})
    assert name in named(meetpunt.get(items_of("wijkwijzers"), **besides | {name: system}))


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_crs_fc_bbox_crs_action(meetpunt, system):
    """A box of a metre around the point finds it, the same box two metres to the east does not."""
    assert len(meetpunt.features("wijkwijzers", bbox=around(system, 1), **{"bbox-crs": system})) == 1
    assert meetpunt.features("wijkwijzers", bbox=around(system, 1, east=2), **{"bbox-crs": system}) == []


def test_req_crs_fc_bbox_crs_valid_default_value(meetpunt):
    assert len(meetpunt.features("wijkwijzers", bbox=around(CRS84, 1))) == 1


def test_req_crs_fc_bbox_crs_definition(meetpunt):
    """The system of a box says nothing about that of the answer."""
    (feature,) = meetpunt.features("wijkwijzers", bbox=around(RD, 1), **{"bbox-crs": RD})
    assert near(feature["geometry"]["coordinates"], CRS84)
    (feature,) = meetpunt.features("wijkwijzers", bbox=around(CRS84, 1), crs=RD)
    assert near(feature["geometry"]["coordinates"], RD)


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_crs_geojson(demo, system):
    """Rings of areas turn along with points: every buurt has its centre where CRS84 has it, in the asked order."""
    ((west, south, east, north),) = demo.get("/v1/collections/buurten").json()["extent"]["spatial"]["bbox"]
    for feature in demo.features("buurten", crs=system, limit=5):
        first, second = feature["geometry"]["coordinates"][0][0][0]
        if system in (ETRS89, WGS84):
            assert south <= first <= north
            assert west <= second <= east
        if system == RD:
            assert 245_000 < first < 270_000
            assert 460_000 < second < 485_000
        if system == MERCATOR:
            assert west <= math.degrees(first / 6_378_137) <= east


def test_short_names_of_systems_mean_the_same(meetpunt):
    for short, system in (("EPSG:28992", RD), ("CRS84", CRS84), ("OGC:CRS84", CRS84), ("EPSG:4326", WGS84)):
        answer = meetpunt.get(items_of("wijkwijzers"), crs=short)
        assert answer.headers["content-crs"] == f"<{system}>"
