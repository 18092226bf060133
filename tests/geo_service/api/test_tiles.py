"""Vector tiles: what is in them is what items gives, for the same viewer and question, tile after tile."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import shapely

from geo_service.domain.crs import transformer
from geo_service.domain.tegels import BUFFER, EXTENT, NETHERLANDS_RD, STELSELS, WEB_MERCATOR, Tegel
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.geo_service import dorp
from tests.geo_service.api.tegels import (
    CENTRE,
    MANAGER,
    PLACES,
    POINTS,
    REGISSEUR,
    STADSDEEL,
    VIEWERS,
    Gelezen,
    address,
    all_tiles,
    read,
    tile_at,
)  # fmt: skip
from tests.geo_service.api.website import Website, busiest_hotspots, serve
from tests.geo_service.support import load, rows

# Below the level where single reports are drawn, and at it, in each set.
LEVELS = [(WEB_MERCATOR, 12, 14), (NETHERLANDS_RD, 8, 10)]


def items_in(website: Website, tegel: Tegel, viewer: Viewer, **params: Any) -> dict[int, dict[str, Any]]:
    """Reports by id, in the system of the tile, that lie in the tile itself: sought here, among all of them."""
    found = website.items("meldingen", viewer, limit=10_000, crs=f"EPSG:{tegel.stelsel.crs.srid}", **params)
    assert found["numberMatched"] == found["numberReturned"] < 10_000
    west, south, east, north = tegel.bounds
    places = {feature["id"]: feature["geometry"]["coordinates"] for feature in found["features"]}
    inside = {name for name, (x, y) in places.items() if west <= x < east and south < y <= north}
    return {feature["id"]: feature for feature in found["features"] if feature["id"] in inside}


def plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties of items as a tile can hold them: nothing for what is empty."""
    return {name: value for name, value in properties.items() if value is not None}


@pytest.fixture(scope="session")
def village(new_village: str) -> Iterator[Website]:
    with serve(new_village) as website:
        yield website


@pytest.fixture(scope="session")
def new_village(server, worker, loaded, tmp_path_factory) -> str:
    """Four buurten and two sources: 30 reports of one and 12 of the other on one spot, 5 elsewhere."""
    url = server.clone(loaded("dorp"), f"{worker}_tegels")
    folder = tmp_path_factory.mktemp("tegels")
    for bron, numbers in (("een", {dorp.ZW: 30, dorp.NO: 5}), ("twee", {dorp.ZW: 12})):
        lines = [
            dorp.melding(f"{bron}{buurt}{n}", buurt=buurt, created_at=f"2025-03-{10 + n % 9}T12:00:00Z")
            for buurt, number in numbers.items()
            for n in range(number)
        ]
        load("ingest", "meldingen", dorp.write_csv(folder / f"{bron}.csv", lines), "--bron", bron, url=url)
    return url


# -- single features ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stelsel", "_", "niveau"), LEVELS)
def test_a_tile_of_reports_holds_the_items_in_its_box(demo, stelsel, _, niveau):
    tegel = tile_at(stelsel, niveau)
    expected = items_in(demo, tegel, MANAGER)
    tile = read(demo, "meldingen", tegel, MANAGER)
    found = {feature["id"]: feature for feature in tile.features}
    assert len(found) == len(tile.features) > len(expected) > 100
    # A report within half a unit of the edge may fall on either side.
    assert abs(len(tile.own) - len(expected)) <= 2
    assert set(expected) <= set(found)
    for identifier, item in expected.items():
        told = found[identifier]["properties"]
        wanted = plain(item["properties"])
        assert datetime.fromisoformat(told.pop("tijd")) == datetime.fromisoformat(wanted.pop("tijd"))
        assert told == wanted
        place = shapely.from_geojson(json.dumps(item["geometry"]))
        assert tile.in_metres(found[identifier]).distance(place) <= tegel.unit


@pytest.mark.parametrize("stelsel", STELSELS.values(), ids=STELSELS)
@pytest.mark.parametrize("collection", POINTS)
def test_places_are_never_counted_together(demo, collection, stelsel):
    """A small collection has all its points at every level."""
    expected = {feature["id"]: plain(feature["properties"]) for feature in demo.features(collection, limit=10_000)}
    for niveau in (0, 3, 8 if stelsel is WEB_MERCATOR else 4):
        tile = read(demo, collection, tile_at(stelsel, niveau))
        found = {told.pop("id"): told for told in (feature["properties"] for feature in tile.features)}
        assert found == expected
        assert len(tile.features) == len(expected) > 0


@pytest.mark.parametrize("stelsel", STELSELS.values(), ids=STELSELS)
@pytest.mark.parametrize("collection", PLACES)
def test_areas_have_the_properties_of_items(demo, collection, stelsel):
    expected = {f["id"]: plain(f["properties"]) for f in demo.features(collection) if f["geometry"] is not None}
    tile = read(demo, collection, tile_at(stelsel, 8 if stelsel is WEB_MERCATOR else 4))
    assert {told.pop("id"): told for told in (f["properties"] for f in tile.features)} == expected
    assert expected


def test_a_tile_of_hotspots_has_those_of_items(demo, demo_url):
    question = busiest_hotspots(demo_url)
    expected = {f["id"]: plain(f["properties"]) for f in demo.features("hotspots", **question)}
    tile = read(demo, "hotspots", tile_at(WEB_MERCATOR, 10), **question)
    assert {told.pop("id"): told for told in (f["properties"] for f in tile.features)} == expected
    assert expected


def test_a_figure_that_is_withheld_has_a_status_and_no_value(demo):
    question = {"periode": "2026-Q1", "categorie": "afval"}
    tile = read(demo, "meldingen-per-gebied", tile_at(WEB_MERCATOR, 8), **question)
    told = [feature["properties"] for feature in tile.features]
    statuses = Counter(properties["status"] for properties in told)
    assert statuses["onderdrukt"] > 0
    for properties in told:
        assert {"bron", "periode", "herkomst", "dekking"} <= set(properties)
        if properties["status"] not in ("ok", "onbetrouwbaar"):
            assert not {"aantal", "per_1000", "laag", "hoog"} & set(properties)


def test_the_question_and_the_filters_of_items_hold(demo):
    tegel = tile_at(WEB_MERCATOR, 8)
    question = {"niveau": "wijk", "periode": "2025", "filter": "gebied_code LIKE 'WK01530%'", "properties": "status"}
    expected = {f["id"]: f["properties"] for f in demo.features("meldingen-per-gebied", **question)}
    tile = read(demo, "meldingen-per-gebied", tegel, **question)
    assert {told.pop("id"): told for told in (f["properties"] for f in tile.features)} == expected
    assert expected
    for filters in ({"datetime": "2025-01-01/2025-01-31"}, {"status": "gemeld"}):
        level = tile_at(WEB_MERCATOR, 14)
        found = {feature["id"] for feature in read(demo, "meldingen", level, MANAGER, **filters).own}
        assert found
        assert found <= set(items_in(demo, level, MANAGER, **filters))


def test_a_moment_chooses_the_periods_of_figures_as_in_items(demo):
    """Without a period of their own, figures of every period in the span; the newest alone when none is asked."""
    span = {"niveau": "stadsdeel", "datetime": "2025-01-01/2025-12-31"}
    expected = {f["id"]: f["properties"]["periode"] for f in demo.features("meldingen-per-gebied", **span)}
    told = [f["properties"] for f in read(demo, "meldingen-per-gebied", tile_at(WEB_MERCATOR, 8), **span).features]
    assert {properties["id"]: properties["periode"] for properties in told} == expected
    assert len(set(expected.values())) > 1


# -- counts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stelsel", "niveau"), [(WEB_MERCATOR, 0), (WEB_MERCATOR, 9), (WEB_MERCATOR, 12),
                                                 (NETHERLANDS_RD, 0), (NETHERLANDS_RD, 8)])  # fmt: skip
def test_every_report_is_counted_in_exactly_one_tile_of_a_level(demo, stelsel, niveau):
    total = demo.items("meldingen", MANAGER, limit=1)["numberMatched"]
    found = [
        feature["properties"]
        for tegel in all_tiles(demo, "meldingen", stelsel, niveau)
        for feature in read(demo, "meldingen", tegel, MANAGER).own
    ]
    assert all(told["samengevoegd"] is True for told in found)
    assert sum(told["aantal"] for told in found) == total > 5_000


def test_the_ring_around_a_tile_repeats_the_cells_of_its_neighbours(demo):
    left = read(demo, "meldingen", tile_at(WEB_MERCATOR, 12), MANAGER)
    right = read(demo, "meldingen", Tegel(WEB_MERCATOR, 12, left.tegel.rij, left.tegel.kolom + 1), MANAGER)

    def cells(tile: Gelezen, first: int, last: int, shift: int) -> Counter[tuple]:
        return Counter(
            (x - shift, y, feature["properties"]["aantal"])
            for feature in tile.features
            for x, y in [feature["geometry"]["coordinates"]]
            if first <= x < last and 0 <= y < EXTENT
        )

    own = cells(right, 0, BUFFER, 0)
    assert own == cells(left, EXTENT, EXTENT + BUFFER, EXTENT)
    assert own


@pytest.mark.parametrize(("stelsel", "counted", "single"), LEVELS)
def test_single_points_begin_at_the_declared_level(demo, stelsel, counted, single):
    assert "samengevoegd" not in read(demo, "meldingen", tile_at(stelsel, single), MANAGER).features[0]["properties"]
    for niveau in (counted, single - 1):
        assert "samengevoegd" in read(demo, "meldingen", tile_at(stelsel, niveau), MANAGER).features[0]["properties"]


def test_sources_are_never_added_up(village):
    viewer = Viewer(Role.STADSDEELMANAGER, dorp.GEMEENTE, frozenset({ALL_STADSDELEN}))
    x, y = dorp.MIDDLE[dorp.ZW]
    lonlat = transformer(28992, 4326).transform(x, y)
    tile = read(village, "meldingen", tile_at(WEB_MERCATOR, 9, lonlat), viewer)
    told = [feature["properties"] for feature in tile.features]
    assert sorted((one["bron"], one["aantal"]) for one in told) == [("een", 5), ("een", 30), ("twee", 12)]
    assert {(one["eerste_dag"], one["laatste_dag"]) for one in told if one["aantal"] > 9} == {
        ("2025-03-10", "2025-03-18")
    }


# -- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("niveau", [9, 14])
def test_a_wijkregisseur_has_only_the_own_stadsdeel_in_a_tile(demo, demo_url, niveau):
    own = {code for (code,) in rows(
        demo_url, "select buurt_code from publiek.indeling where gebied_code = %s", STADSDEEL)}  # fmt: skip
    total, seen = Counter[str](), set()
    for viewer in (MANAGER, REGISSEUR):
        for tegel in all_tiles(demo, "meldingen", WEB_MERCATOR, niveau):
            for feature in read(demo, "meldingen", tegel, viewer).own:
                total[viewer.role] += feature["properties"].get("aantal", 1)
                if viewer is REGISSEUR:
                    seen.add(feature["properties"].get("buurt_code"))
    assert total[REGISSEUR.role] == demo.items("meldingen", REGISSEUR, limit=1)["numberMatched"]
    assert 0 < total[REGISSEUR.role] < total[MANAGER.role]
    assert seen == ({None} if niveau == 9 else own & seen)


@pytest.mark.parametrize("path", [
    "tiles", "tiles/WebMercatorQuad", "tiles/WebMercatorQuad?f=tilejson", "tiles/WebMercatorQuad/8/84/132",
    "tiles/WebMercatorQuad/14/5395/8505", "styles/maplibre",
])  # fmt: skip
def test_a_collection_that_a_viewer_may_not_read_does_not_exist(demo, path):
    for viewer in (None, VIEWERS["onderzoeker"], VIEWERS["gegevensbeheerder"], VIEWERS["beheerder"]):
        hidden = demo.get(f"/v1/collections/meldingen/{path}", viewer)
        unknown = demo.get(f"/v1/collections/bestaat-niet/{path}", viewer)
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.json()["detail"] == unknown.json()["detail"].replace("bestaat-niet", "meldingen")


# -- refusals and caching -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [
    "WebMercatorQuad/2/4/0", "WebMercatorQuad/23/0/0", "NetherlandsRDNewQuad/17/0/0", "WebMercatorQuad/-1/0/0",
    "WebMercatorQuad/1.0/0/0", "WebMercatorQuad/²/0/0", "WebMercatorQuad/8/84/99999999999999999999", "Anders/0/0/0",
])  # fmt: skip
def test_a_tile_outside_the_matrix_is_not_there(demo, place):
    response = demo.get(f"/v1/collections/buurten/tiles/{place}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert "bestaat niet" in response.json()["detail"]


@pytest.mark.parametrize("query", [
    "bbox=6,52,7,53", "limit=3", "sortby=naam", "onzin=1", "f=json", "properties=onzin", "peiljaar=1900",
    "filter=onzin%20%3D%201", "filter-lang=cql2-text",
])  # fmt: skip
def test_a_wrong_parameter_is_named(demo, query):
    for path in ("tiles/WebMercatorQuad/8/84/132", "tiles/WebMercatorQuad/0/0/0"):
        response = demo.get(f"/v1/collections/buurten/{path}?{query}")
        assert response.status_code == 400, query
        assert [fault["parameter"] for fault in response.json()["parameters"]] == [query.partition("=")[0]]


@pytest.mark.parametrize("tegel", [tile_at(WEB_MERCATOR, 14, (5.12, 52.09)), WEB_MERCATOR.find_tile(8, 100, 60)])
def test_outside_the_data_there_is_no_content_and_the_same_caching(demo, tegel):
    full = demo.get(address("buurten", tile_at(WEB_MERCATOR, 14)))
    empty = demo.get(address("buurten", tegel))
    assert (full.status_code, empty.status_code, empty.content) == (200, 204, b"")
    for name in ("vary", "cache-control"):
        assert empty.headers[name] == full.headers[name]
    for response in (full, empty):
        again = demo.client.get(response.request.url, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.headers["etag"]) == (304, response.headers["etag"])


def test_tiles_are_compressed_and_private_to_who_is_logged_in(demo):
    path = address("meldingen", tile_at(WEB_MERCATOR, 14))
    response = demo.get(path, MANAGER)
    assert response.headers["content-encoding"] in ("gzip", "br", "zstd")
    assert response.headers["cache-control"] == "private, no-cache"
    tags = {demo.get(path, viewer).headers["etag"] for viewer in (MANAGER, REGISSEUR)}
    assert len(tags) == 2


# -- shapes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["demo", "assen", "enschede"])
@pytest.mark.parametrize("niveau", [6, 8, 10])
def test_neighbours_fit_at_every_level_and_the_tile_stays_small(request, place, niveau):
    """Every piece of ground belongs to one buurt: slivers and overlaps together are less than a quarter of a pixel."""
    if place == "enschede":
        with serve(request.getfixturevalue("enschede_url")) as website:
            tile = read(website, "buurten", tile_at(WEB_MERCATOR, niveau))
    else:
        lonlat = CENTRE if place == "demo" else (6.56, 52.99)
        tile = read(request.getfixturevalue(place), "buurten", tile_at(WEB_MERCATOR, niveau, lonlat))
    assert len(tile.features) >= 70
    assert tile.size < 50_000
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in tile.features]
    assert all(shape.is_valid for shape in shapes)
    whole = shapely.union_all(shapes)
    overlap = sum(shape.area for shape in shapes) - whole.area
    holes = [shapely.Polygon(ring).area for part in shapely.get_parts(whole) for ring in part.interiors]
    # Of a screen of 512 a pixel is 64 square units; a real enclave is larger than that.
    slivers = sum(area for area in holes if area < 64)
    assert overlap + slivers < 16


def test_corners_are_within_a_pixel_of_those_of_items(demo):
    tegel = tile_at(WEB_MERCATOR, 8)
    tile = read(demo, "buurten", tegel)
    exact = {f["id"]: f["geometry"] for f in demo.features("buurten", crs="EPSG:3857")}
    for feature in tile.features:
        shape = tile.in_metres(feature)
        true = shapely.from_geojson(json.dumps(exact[feature["properties"]["id"]]))
        assert shapely.hausdorff_distance(shape, true) < tegel.stelsel.cell_size(8)
