"""Areas as SVG paths: scale, north above, shared borders, and what cannot be drawn."""

from __future__ import annotations

import math

from maps.vorm import draw_areas


def area(*rings: list[list[float]], kind: str = "Polygon") -> dict:
    return {"geometry": {"type": kind, "coordinates": [list(rings)] if kind == "MultiPolygon" else list(rings)}}


WEST = [[6.0, 52.0], [6.1, 52.0], [6.1, 52.1], [6.0, 52.1], [6.0, 52.0]]
EAST = [[6.1, 52.0], [6.2, 52.0], [6.2, 52.1], [6.1, 52.1], [6.1, 52.0]]


def test_two_squares_side_by_side_share_their_border():
    tekening = draw_areas([area(WEST), area(EAST, kind="MultiPolygon")], breedte=200)
    high = round(0.1 / (0.2 * math.cos(math.radians(52.05))) * 200)
    assert (tekening.breedte, tekening.hoogte) == (200, high)
    assert tekening.paden == (
        f"M0 {high}L100 {high}L100 0L0 0Z",
        f"M100 {high}L200 {high}L200 0L100 0Z",
    )


def test_what_cannot_be_drawn_has_no_path_and_moves_nothing():
    speck = [[6.0, 52.0], [6.00001, 52.0], [6.0, 52.00001], [6.0, 52.0]]
    others = [{"geometry": None}, {"geometry": {"type": "Point", "coordinates": [0, 0]}}, area(speck)]
    tekening = draw_areas([area(WEST), *others], breedte=100)
    assert tekening.paden[1:] == ("", "", "")
    assert tekening.paden[0].startswith("M0 ")
    assert draw_areas(others[:2]) is None
