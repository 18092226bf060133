"""The requirement classes that hold; a test per class says so (tests/geo_service/api/conformance)."""

from geo_service.release.selectie import CQL2_CONFORMANCE

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{_FEATURES}2/1.0/conf/crs",
    # Not queryables-query-parameters: ``noemer`` as a parameter is the question's, not the number in the features.
    *(f"{_FEATURES}3/1.0/conf/{name}" for name in ("queryables", "filter", "features-filter")),
    # What staff write; it does not exist for others.
    *(f"{_FEATURES}4/1.0/conf/{name}" for name in ("create-replace-delete", "optimistic-locking-etags")),
    *(
        f"{_FEATURES}5/1.0/conf/{name}"
        for name in ("schemas", "core-roles-features", "returnables-and-receivables", "queryables")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")
    ),
    *CQL2_CONFORMANCE,
)
