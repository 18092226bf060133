"""Decode TopoJSON to GeoJSON features: arcs, quantisation and shared borders."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from ingest.errors import SourceUnreadable

Ring = list[list[float]]


def is_topojson(document: Any) -> bool:
    return isinstance(document, dict) and document.get("type") == "Topology"


def decode_topojson(document: dict[str, Any], name: str) -> dict[str, list[dict[str, Any]]]:
    """Object name -> GeoJSON features, in the coordinates of the file. Raises SourceUnreadable."""
    try:
        arcs = [_decode_arc(arc, document.get("transform")) for arc in document["arcs"]]
        return {
            key: [_feature(geometry, arcs) for geometry in _geometries(value)]
            for key, value in document["objects"].items()
        }
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise SourceUnreadable(f"{name} is geen goede TopoJSON: bogen of objecten ontbreken.") from error


def _decode_arc(arc: list[list[float]], transform: dict[str, Any] | None) -> Ring:
    if transform is None:
        return [list(map(float, point[:2])) for point in arc]
    (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
    # A quantised arc stores steps from the previous point.
    columns = zip(accumulate(point[0] for point in arc), accumulate(point[1] for point in arc), strict=True)
    return [[x * scale_x + move_x, y * scale_y + move_y] for x, y in columns]


def _geometries(value: dict[str, Any]) -> list[dict[str, Any]]:
    return value["geometries"] if value["type"] == "GeometryCollection" else [value]


def _feature(geometry: dict[str, Any], arcs: list[Ring]) -> dict[str, Any]:
    properties = dict(geometry.get("properties") or {})
    if "id" in geometry:
        properties.setdefault("id", geometry["id"])
    return {"type": "Feature", "properties": properties, "geometry": _polygons(geometry, arcs)}


def _polygons(geometry: dict[str, Any], arcs: list[Ring]) -> dict[str, Any] | None:
    """Areas only: points and lines of a topology are no area and become an absent geometry."""
    if geometry.get("type") == "Polygon":
        return {"type": "Polygon", "coordinates": [_ring(ring, arcs) for ring in geometry["arcs"]]}
    if geometry.get("type") == "MultiPolygon":
        parts = [[_ring(ring, arcs) for ring in polygon] for polygon in geometry["arcs"]]
        return {"type": "MultiPolygon", "coordinates": parts}
    return None


def _ring(indexes: list[int], arcs: list[Ring]) -> Ring:
    ring: Ring = []
    for index in indexes:
        # A negative index is the ones' complement: that arc walked backwards.
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring
