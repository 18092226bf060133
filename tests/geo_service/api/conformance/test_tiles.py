"""OGC API – Tiles Part 1: core, tileset, tilesets-list, geodata-tilesets and mvt."""

from __future__ import annotations

import mapbox_vector_tile
import pytest

TILES = "/v1/collections/buurten/tiles"
ENSCHEDE_Z10 = "10/337/531"


@pytest.fixture(scope="module")
def tileset(demo):
    return demo.get(f"{TILES}/WebMercatorQuad").json()


def test_req_core_tc_success(demo):
    """A tile inside the limits is 200 with the encoding of the template."""
    answer = demo.get(f"{TILES}/WebMercatorQuad/{ENSCHEDE_Z10}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")


@pytest.mark.parametrize("place", ["10/0/0", "10/1023/1023"])
def test_req_core_tc_success_empty(demo, place):
    """Where there is no data the answer is 204 without a body."""
    answer = demo.get(f"{TILES}/WebMercatorQuad/{place}")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("place", ["10/1024/0", "10/0/1024", "99/0/0", "10/-1/0", "x/0/0"])
def test_req_core_tc_error(demo, place):
    """What is no tile of the matrix set is 404."""
    assert demo.get(f"{TILES}/WebMercatorQuad/{place}").status_code == 404


def test_req_tileset_description(tileset):
    assert tileset["dataType"] == "vector"
    assert tileset["crs"].endswith("/EPSG/0/3857")
    assert {"title", "links", "tileMatrixSetLimits"} <= set(tileset)
    assert any(link["rel"].endswith("/tiling-scheme") for link in tileset["links"])


def test_req_tileset_links_template(demo, tileset):
    """The item link is a template that gives a tile."""
    (template,) = [link for link in tileset["links"] if link["rel"] == "item" and link.get("templated")]
    assert template["type"] == "application/vnd.mapbox-vector-tile"
    matrix, row, column = ENSCHEDE_Z10.split("/")
    address = template["href"].format(tileMatrix=matrix, tileRow=row, tileCol=column)
    assert demo.client.get(address).status_code == 200


def test_req_tilesets_list_success(demo):
    found = demo.get(TILES).json()["tilesets"]
    assert {item["crs"].rsplit("/", 1)[1] for item in found} == {"3857", "28992"}
    for item in found:
        own = next(link["href"] for link in item["links"] if link["rel"] == "self")
        assert demo.client.get(own).status_code == 200


def test_req_geodata_tilesets_desc_links(demo):
    """The collection leads to its tilesets."""
    links = demo.get("/v1/collections/buurten").json()["links"]
    (href,) = [link["href"] for link in links if link["rel"].endswith("/tilesets-vector")]
    assert demo.client.get(href).json()["tilesets"]


def test_req_mvt_tile_content(demo):
    """The tile decodes, and its layer is the collection."""
    tile = mapbox_vector_tile.decode(demo.get(f"{TILES}/WebMercatorQuad/{ENSCHEDE_Z10}").content)
    assert set(tile) == {"buurten"}
    assert len(tile["buurten"]["features"]) > 10
