"""What is told about tiles: sets, tilesets, TileJSON and styles; and other people's programs that read them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import mapbox_vector_tile
import pytest
import shapely

from geo_service.api.tilesets import attribution
from geo_service.domain.tegels import WEB_MERCATOR
from maps.hotspots import HOTSPOTLAGEN
from maps.model import HOTSPOTS
from tests.geo_service.api.tegels import CENTRE, MANAGER, PLACES, POINTS, address, read, tile_at
from tests.geo_service.api.website import busiest_hotspots

QGIS = Path(__file__).with_name("qgis_tegels.py")


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
    question = {"niveau": "wijk", "periode": "2026-Q2"}
    style = demo.get("/v1/collections/meldingen-per-gebied/styles/maplibre", **question).json()
    (colour,) = [layer["paint"]["fill-color"] for layer in style["layers"] if layer["id"] == "cijfers"]
    assert colour[:3] == ["step", ["coalesce", ["get", "per_1000"], -1], "#c3cad0"]
    stops = colour[3::2]
    told = [feature["properties"]["per_1000"] for feature in demo.features("meldingen-per-gebied", **question)]
    rates = sorted(rate for rate in told if rate is not None)
    assert stops == sorted(stops)
    assert stops[0] == rates[0]
    assert set(stops) <= set(rates)
    assert next(iter(style["sources"].values()))["tiles"][0].endswith("?niveau=wijk&periode=2026-Q2")


def test_every_hotspot_is_drawn_once_and_each_layer_in_its_own_way(demo, demo_url):
    question = busiest_hotspots(demo_url)
    style = demo.get("/v1/collections/hotspots/styles/maplibre", **question).json()
    fills = {layer["id"]: layer["filter"] for layer in style["layers"] if layer["type"] == "fill"}
    assert set(fills) == set(HOTSPOTS)

    def holds(condition, properties):
        if condition[0] == "all":
            return all(holds(part, properties) for part in condition[1:])
        operator, (_, name), value = condition
        assert operator == "=="
        return properties[name] == value

    found = demo.features("hotspots", **question, limit=10_000)
    assert len({feature["properties"]["methode"] for feature in found}) > 1
    for feature in found:
        assert sum(holds(own, feature["properties"]) for own in fills.values()) == 1
    edges = [layer["paint"] for layer in style["layers"] if layer["id"].endswith("-rand")]
    assert len({(paint["line-color"], str(paint.get("line-dasharray"))) for paint in edges}) == len(fills)
    assert [entry["tekst"].split(".")[0] for entry in style["metadata"]["buurtsignaal:legenda"]] == [
        laag.naam for laag in HOTSPOTLAGEN
    ]


def test_figures_without_a_value_are_never_drawn_as_the_lowest_class(demo):
    style = demo.get("/v1/collections/meldingen-per-gebied/styles/maplibre").json()
    (drawn,) = [layer["filter"] for layer in style["layers"] if layer["id"] == "cijfers"]
    assert drawn == ["any", ["==", ["get", "status"], "ok"], ["==", ["get", "status"], "onbetrouwbaar"]]


# -- other people's programs ----------------------------------------------------------------------------------------


def missing(message: str) -> None:
    """Without the program the test is skipped aloud; where everything must be there, it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def run(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gdal_reads_a_tile(demo, tmp_path):
    program = shutil.which("ogrinfo")
    if program is None:
        missing("GDAL ontbreekt: apt-get install gdal-bin")
    file = tmp_path / "tegel.mvt"
    file.write_bytes(demo.get(address("meldingen-per-gebied", tile_at(WEB_MERCATOR, 8))).content)
    told = run(program, "-al", "-so", file)
    for line in ("Layer name: meldingen-per-gebied", "Feature Count: 70", "per_1000: Real", "status: String"):
        assert line in told


@pytest.fixture(scope="session")
def qgis_python() -> str:
    """The interpreter that QGIS belongs to: the distribution's. QGIS is no part of what the tests set up."""
    program = "/usr/bin/python3"
    if subprocess.run([program, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
        pytest.skip("QGIS ontbreekt: apt-get install python3-qgis")
    return program


def test_qgis_draws_the_tiles(demo, qgis_python, tmp_path):
    """As much of the picture is coloured as the municipality fills of its own box."""
    features = demo.features("buurten", crs="EPSG:3857")
    whole = shapely.union_all([shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features])
    picture = tmp_path / "buurten.png"
    box = ",".join(map(str, whole.bounds))
    template = demo.get("/v1/collections/buurten/tiles/WebMercatorQuad", f="tilejson").json()["tiles"][0]
    told = run(qgis_python, QGIS, template, box, picture)
    share = whole.area / whole.envelope.area
    assert float(told.split()[-1]) == pytest.approx(share, abs=0.02)
    assert picture.stat().st_size > 1000
