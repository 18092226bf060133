"""Every class that the service says to hold has a module of tests here, and no class is forgotten."""

from __future__ import annotations

import importlib
from pathlib import Path

from geo_service.api.conformance import CONFORMANCE

FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
TESTED = {
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core": "test_common",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections": "test_common",
    f"{FEATURES}1/1.0/conf/core": "test_core",
    f"{FEATURES}1/1.0/conf/geojson": "test_geojson",
    f"{FEATURES}1/1.0/conf/html": "test_html",
    f"{FEATURES}1/1.0/conf/oas30": "..test_openapi",
    f"{FEATURES}2/1.0/conf/crs": "test_crs",
    f"{FEATURES}3/1.0/conf/queryables": "test_queryables",
    f"{FEATURES}3/1.0/conf/filter": "test_filter",
    f"{FEATURES}3/1.0/conf/features-filter": "test_filter",
    f"{FEATURES}4/1.0/conf/create-replace-delete": "..test_schrijven",
    f"{FEATURES}4/1.0/conf/optimistic-locking-etags": "..test_schrijven",
    f"{FEATURES}5/1.0/conf/schemas": "test_schemas",
    f"{FEATURES}5/1.0/conf/core-roles-features": "test_schemas",
    f"{FEATURES}5/1.0/conf/returnables-and-receivables": "test_schemas",
    f"{FEATURES}5/1.0/conf/queryables": "test_schemas",
    f"{TILES}core": "test_tiles",
    f"{TILES}tileset": "test_tiles",
    f"{TILES}tilesets-list": "test_tiles",
    f"{TILES}geodata-tilesets": "test_tiles",
    f"{TILES}mvt": "test_tiles",
}


def test_every_class_has_its_tests():
    cql2 = {uri for uri in CONFORMANCE if uri.startswith(CQL2)}
    assert set(CONFORMANCE) - cql2 == set(TESTED)
    assert cql2 == {CQL2 + name for name in importlib.import_module(f"{__package__}.test_cql2").EXAMPLES}


def test_the_modules_exist():
    here = Path(__file__).parent
    for module in set(TESTED.values()):
        folder = here.parent if module.startswith("..") else here
        assert (folder / f"{module.lstrip('.')}.py").exists(), module
