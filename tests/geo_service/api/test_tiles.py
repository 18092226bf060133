"""Vector tiles: what is in them is what items gives, for the same viewer and question, tile after tile."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import mapbox_vector_tile
import pytest
import shapely

from geo_service.api.tilesets import attribution
from geo_service.domain.crs import transformer
from geo_service.domain.tegels import BUFFER, EXTENT, NETHERLANDS_RD, STELSELS, WEB_MERCATOR, Tegel, Tegelstelsel
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, busiest_hotspots, serve, viewers_of
from tests.geo_service.support import load, rows

STADSDEEL = "GM0153-SD-noord"
VIEWERS = viewers_of("GM0153", STADSDEEL)
MANAGER, REGISSEUR = VIEWERS["stadsdeelmanager"], VIEWERS["wijkregisseur"]
CENTRE = (6.89, 52.22)
PLACES = ("stadsdelen", "wijken", "buurten", "wijkteamgebieden", "meldingen-per-gebied", "woningvoorraad")
POINTS = ("wijkwijzers", "voorzieningen")
MVT = "application/vnd.mapbox-vector-tile"
# Below the level where single reports are drawn, and at it, in each set.
LEVELS = [(WEB_MERCATOR, 12, 14), (NETHERLANDS_RD, 8, 10)]


@dataclass(frozen=True)
class Gelezen:
    """A decoded tile. features: with geometry in units, y downwards."""

    tegel: Tegel
    features: list[dict[str, Any]]
    size: int

    @property
    def own(self) -> list[dict[str, Any]]:
        """Points that lie in the tile itself and not in its buffer."""
        return [
            feature
            for feature in self.features
            if all(0 <= axis < EXTENT for axis in feature["geometry"]["coordinates"])
        ]

    def in_metres(self, feature: dict[str, Any]) -> shapely.Geometry:
        west, _, _, north = self.tegel.bounds
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        return shapely.transform(shape, lambda xy: xy * (self.tegel.unit, -self.tegel.unit) + (west, north))


def tile_at(stelsel: Tegelstelsel, niveau: int, lonlat: tuple[float, float] = CENTRE) -> Tegel:
    x, y = transformer(4326, stelsel.crs.srid).transform(*lonlat)
    side = (stelsel.bounds[2] - stelsel.bounds[0]) / 2**niveau
    found = stelsel.find_tile(niveau, int((stelsel.north - y) // side), int((x - stelsel.west) // side))
    assert found is not None
    return found


def address(collection: str, tegel: Tegel) -> str:
    return f"/v1/collections/{collection}/tiles/{tegel.stelsel.id}/{tegel.niveau}/{tegel.rij}/{tegel.kolom}"


def read(website: Website, collection: str, tegel: Tegel, viewer: Viewer | None = None, **params: Any) -> Gelezen:
    """The tile; one layer with the name of the collection, or nothing at all."""
    response = website.get(address(collection, tegel), viewer, **params)
    if response.status_code == 204:
        assert response.content == b""
        return Gelezen(tegel, [], 0)
    assert (response.status_code, response.headers["content-type"]) == (200, MVT), response.text
    decoded = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
    assert {name: layer["extent"] for name, layer in decoded.items()} == {collection: EXTENT}
    return Gelezen(tegel, decoded[collection]["features"], len(response.content))


def all_tiles(website: Website, collection: str, stelsel: Tegelstelsel, niveau: int) -> Iterator[Tegel]:
    """The tiles of a level within the limits that the tileset tells."""
    document = website.get(f"/v1/collections/{collection}/tiles/{stelsel.id}", MANAGER).json()
    (limit,) = [one for one in document["tileMatrixSetLimits"] if one["tileMatrix"] == str(niveau)]
    for row in range(limit["minTileRow"], limit["maxTileRow"] + 1):
        for column in range(limit["minTileCol"], limit["maxTileCol"] + 1):
            yield Tegel(stelsel, niveau, row, column)


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
    question = {"periode": "2025-Q4", "categorie": "wonen-burenruzie"}
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


# -- documents ----------------------------------------------------------------------------------------------------


def test_the_sets_are_listed_and_told_level_by_level(demo):
    listed = demo.get("/v1/tileMatrixSets").json()["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad", "NetherlandsRDNewQuad"]
    for one in listed:
        (here,) = [link["href"] for link in one["links"] if link["rel"] == "self"]
        document = demo.client.get(here).json()
        assert (document["id"], document["crs"]) == (one["id"], one["crs"])
        assert document["orderedAxes"] == ["X", "Y"]
        for number, matrix in enumerate(document["tileMatrices"]):
            assert matrix["id"] == str(number)
            assert matrix["matrixWidth"] == matrix["matrixHeight"] == 2**number
            assert matrix["scaleDenominator"] == pytest.approx(matrix["cellSize"] / 0.00028)
            side = matrix["cellSize"] * matrix["tileWidth"] * matrix["matrixWidth"]
            assert matrix["pointOfOrigin"][0] + side == pytest.approx(document["boundingBox"]["upperRight"][0])
    assert demo.get("/v1/tileMatrixSets/WorldCRS84Quad").status_code == 404


@pytest.mark.parametrize("collection", [*PLACES, *POINTS, "hotspots"])
def test_from_the_list_of_tilesets_a_client_finds_a_tile(demo, demo_url, collection):
    question = busiest_hotspots(demo_url) if collection == "hotspots" else {}
    listed = demo.get(f"/v1/collections/{collection}/tiles", **question).json()["tilesets"]
    assert [one["crs"].rpartition("/")[2] for one in listed] == ["3857", "28992"]
    for one in listed:
        here = next(link["href"] for link in one["links"] if link["rel"] == "self")
        document = demo.client.get(here).json()
        (template,) = [link["href"] for link in document["links"] if link.get("templated")]
        limit = next(one for one in document["tileMatrixSetLimits"] if one["tileMatrix"] == "8")
        names = {"tileMatrix": "8", "tileRow": limit["minTileRow"], "tileCol": limit["minTileCol"]}
        response = demo.client.get(template.format(**names))
        assert response.status_code in (200, 204)
        fields = set(document["layers"][0]["propertiesSchema"]["properties"])
        for feature in (mapbox_vector_tile.decode(response.content) or {collection: {"features": []}})[collection][
            "features"
        ]:
            assert set(feature["properties"]) <= fields


def test_tilejson_tells_the_fields_of_the_tiles(demo):
    document = demo.get(
        "/v1/collections/meldingen/tiles/WebMercatorQuad", MANAGER, f="tilejson", status="gemeld"
    ).json()
    assert document["tilejson"] == "3.0.0"
    (layer,) = document["vector_layers"]
    west, south, east, north = document["bounds"]
    assert west < CENTRE[0] < east
    assert south < CENTRE[1] < north
    (template,) = document["tiles"]
    for niveau in (10, 14):
        tegel = tile_at(WEB_MERCATOR, niveau)
        path = template.format(z=tegel.niveau, y=tegel.rij, x=tegel.kolom)
        found = read(demo, "meldingen", tegel, MANAGER, status="gemeld").features
        assert path.endswith(address("meldingen", tegel) + "?status=gemeld")
        assert {name for feature in found for name in feature["properties"]} <= set(layer["fields"])
    refused = demo.get("/v1/collections/meldingen/tiles/NetherlandsRDNewQuad", MANAGER, f="tilejson")
    assert refused.status_code == 400


def test_origin_is_told_as_text_and_never_as_markup(demo):
    class Stub:
        class selectie:
            class relatie:
                herkomst = "Bron: <script>alert(1)</script> & zo"

    assert attribution(Stub) == "Bron: &lt;script&gt;alert(1)&lt;/script&gt; &amp; zo"  # type: ignore[arg-type]


# -- styles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", [*PLACES, *POINTS, "hotspots", "meldingen"])
def test_a_style_draws_our_own_tiles_and_asks_nothing_elsewhere(demo, collection):
    response = demo.get(f"/v1/collections/{collection}/styles/maplibre", MANAGER)
    assert response.headers["content-type"] == "application/vnd.mapbox.style+json"
    style = response.json()
    assert style["version"] == 8
    assert not {"glyphs", "sprite"} & set(style)
    (source,) = style["sources"].values()
    assert all(tile.startswith(demo.address) for tile in source["tiles"])
    assert style["metadata"]["buurtsignaal:herkomst"]
    assert style["layers"]
    for layer in style["layers"]:
        assert (layer["source"], layer["source-layer"]) == (collection, collection)
        assert layer["type"] in ("fill", "line", "circle")
    assert len({layer["id"] for layer in style["layers"]}) == len(style["layers"])


def test_the_colours_of_figures_are_the_classes_of_what_is_shown(demo):
    question = {"niveau": "wijk", "periode": "2025"}
    style = demo.get("/v1/collections/meldingen-per-gebied/styles/maplibre", **question).json()
    (colour,) = [layer["paint"]["fill-color"] for layer in style["layers"] if layer["id"] == "cijfers"]
    assert colour[:3] == ["step", ["coalesce", ["get", "per_1000"], -1], "#c3cad0"]
    stops = colour[3::2]
    told = [feature["properties"]["per_1000"] for feature in demo.features("meldingen-per-gebied", **question)]
    rates = sorted(rate for rate in told if rate is not None)
    assert stops == sorted(stops)
    assert stops[0] == rates[0]
    assert set(stops) <= set(rates)
    assert next(iter(style["sources"].values()))["tiles"][0].endswith("?niveau=wijk&periode=2025")


def test_figures_without_a_value_are_never_drawn_as_the_lowest_class(demo):
    style = demo.get("/v1/collections/meldingen-per-gebied/styles/maplibre").json()
    (drawn,) = [layer["filter"] for layer in style["layers"] if layer["id"] == "cijfers"]
    assert drawn == ["any", ["==", ["get", "status"], "ok"], ["==", ["get", "status"], "onbetrouwbaar"]]


# -- other people's programs ----------------------------------------------------------------------------------------


def test_gdal_reads_a_tile(demo, tmp_path):
    program = shutil.which("ogrinfo")
    if program is None:
        pytest.skip("GDAL ontbreekt: apt-get install gdal-bin")
    tegel = tile_at(WEB_MERCATOR, 8)
    file = tmp_path / f"{tegel.niveau}-{tegel.kolom}-{tegel.rij}.mvt"
    file.write_bytes(demo.get(address("meldingen-per-gebied", tegel)).content)
    done = subprocess.run([program, "-al", "-so", str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    for line in ("Layer name: meldingen-per-gebied", "Feature Count: 70", "per_1000: Real", "status: String"):
        assert line in done.stdout
