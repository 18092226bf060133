"""CQL2 over HTTP: one example per class. What each operator means is tested with the translation, in ``cql2``."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

AREA = "oppervlakte_ha"
Properties = dict[str, object]
#  class -> (filter, what it should mean)
EXAMPLES: dict[str, tuple[str, Callable[[Properties], bool]]] = {
    "basic-cql2": (
        f"({AREA} >= 100 OR gebied_code = 'BU01530000') AND NOT benaderd = false",
        lambda p: p[AREA] >= 100 or p["gebied_code"] == "BU01530000",
    ),
    "advanced-comparison-operators": (
        f"gebied_naam LIKE 'B%' OR {AREA} BETWEEN 50 AND 60 OR gebied_code IN ('BU01530002', 'x')",
        lambda p: p["gebied_naam"].startswith("B") or 50 <= p[AREA] <= 60 or p["gebied_code"] == "BU01530002",
    ),
    "case-insensitive-comparison": (
        "CASEI(gebied_naam) LIKE CASEI('%BUURT%')",
        lambda p: "buurt" in p["gebied_naam"].lower(),
    ),
    "accent-insensitive-comparison": ("ACCENTI(gebied_naam) = ACCENTI('Cíty')", lambda p: p["gebied_naam"] == "City"),
    "basic-spatial-functions": ("S_INTERSECTS(geometry, POINT(6.8947 52.2206))", lambda p: p["gebied_naam"] == "City"),
    "basic-spatial-functions-plus": (
        "S_INTERSECTS(geometry, MULTIPOINT((6.8947 52.2206), (0 50)))",
        lambda p: p["gebied_naam"] == "City",
    ),
    "spatial-functions": ("S_CONTAINS(geometry, POINT(6.8947 52.2206))", lambda p: p["gebied_naam"] == "City"),
    "temporal-functions": ("T_AFTER(geldig_van, DATE('1500-01-01'))", lambda p: p["geldig_van"] > "1500-01-01"),
    "property-property": ("gebied_code = gebied_naam OR peiljaar = peiljaar", lambda _: True),
    "arithmetic": (f"{AREA} / 100 > 1 + 2 * 2", lambda p: p[AREA] / 100 > 5),
    "cql2-text": ("gebied_naam = '''t Weldink'", lambda p: p["gebied_naam"] == "'t Weldink"),
    "cql2-json": (
        json.dumps({"op": "like", "args": [{"property": "gebied_naam"}, "%kamp%"]}),
        lambda p: "kamp" in p["gebied_naam"],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_class(demo, name):
    text, meaning = EXAMPLES[name]
    asked = {"filter": text} | ({"filter-lang": "cql2-json"} if name == "cql2-json" else {})
    expected = [f["id"] for f in demo.features("buurten") if meaning(f["properties"])]
    assert [f["id"] for f in demo.features("buurten", **asked)] == expected
    assert expected or name == "temporal-functions"
