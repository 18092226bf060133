"""Boxes as people get them wrong: swapped, around the world, across the date line, in metres, nowhere."""

from __future__ import annotations

import pytest
from pyproj import Transformer

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.geo_service.api.website import items_of, named
from tests.geo_service.support import rows

BUURTEN = 70
MANAGER = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
#  a box around everything, per system
WORLD = {
    "CRS84": "-180,-90,180,90",
    "EPSG:4326": "-90,-180,90,180",
    "EPSG:4258": "-90,-180,90,180",
    "EPSG:3857": "-20037508,-20048966,20037508,20048966",
    "EPSG:28992": "-30000000,-30000000,30000000,30000000",
}
#  boxes that hold nothing of ours
ELSEWHERE = {
    "CRS84": ["-60,-30,-50,-20", "100,-80,179,-70", "0,0,1,1", "-180,-90,2,49", "179.9,89.9,180,90"],
    "EPSG:4326": ["-30,-60,-20,-50", "0,0,1,1"],
    "EPSG:4258": ["40,100,50,110"],
    "EPSG:3857": ["0,0,1,1", "-20037508,-20048966,-1,-1"],
    "EPSG:28992": ["0,0,1,1", "-3e7,-3e7,0,0", "1e6,1e6,2e6,2e6"],
}
#  box -> its system, and a word that the refusal must hold
WRONG = [
    ("52.16,6.75,52.29,6.99", "CRS84", "verwisseld"),
    ("6.75,52.16,6.99,52.29", "EPSG:4326", "verwisseld"),
    ("6.75,52.16,6.99,52.29", "EPSG:4258", "verwisseld"),
    ("170,50,-170,55", "CRS84", "datumgrens"),
    ("50,170,55,-170", "EPSG:4326", "datumgrens"),
    ("252000,468000,262000,476000", "CRS84", "bbox-crs=EPSG:28992"),
    ("468000,252000,476000,262000", "EPSG:4326", "graden"),
    ("nan,52,7,53", "CRS84", "vier getallen"),
    ("6,52,inf,53", "EPSG:28992", "vier getallen"),
    ("1e308,1e308,1e309,1e309", "EPSG:3857", "vier getallen"),
    ("-4e7,0,4e7,1", "EPSG:28992", "buiten"),
    ("262000,468000,252000,476000", "EPSG:28992", "west"),
    ("252000,476000,262000,468000", "EPSG:28992", "zuid"),
    ("6,52,7", "CRS84", "vier getallen"),
    ("6,52,7,53,8", "CRS84", "vier getallen"),
    ("6;52;7;53", "CRS84", "vier getallen"),
    ("6, 52, 7, 53", "CRS84", "vier getallen"),
    ("0x6,52,7,53", "CRS84", "vier getallen"),
]


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize(("system", "beyond"), [("EPSG:28992", 0.01), ("EPSG:3857", 0.02)])
def test_a_point_a_centimetre_outside_a_box_is_not_in_it(demo, system, beyond, side):
    """The database compares bounds in single precision first, and 1 cm in RD is finer than that."""
    for place in demo.features("voorzieningen", crs=system, limit=25):
        x, y = place["geometry"]["coordinates"]
        box = [x - 500, y - 500, x + 500, y + 500]
        # The side that the point lies just beyond: the west one, then south, east and north.
        box[side] = (x, y)[side % 2] + (beyond if side < 2 else -beyond)
        asked = {"bbox": ",".join(f"{value:.3f}" for value in box), "bbox-crs": system}
        found = {feature["id"] for feature in demo.features("voorzieningen", **asked)}
        assert place["id"] not in found


def boxed(demo, box: str, system: str, **question: str) -> list:
    asked = {"bbox": box, "bbox-crs": system} | question
    return [feature["id"] for feature in demo.features("buurten", **asked)]


@pytest.mark.parametrize("system", WORLD)
def test_a_box_around_the_world_holds_everything(demo, system):
    assert len(boxed(demo, WORLD[system], system)) == BUURTEN
    assert boxed(demo, WORLD[system], system, crs=system) == boxed(demo, WORLD["CRS84"], "CRS84")


@pytest.mark.parametrize(("system", "box"), [(system, box) for system, boxes in ELSEWHERE.items() for box in boxes])
def test_a_box_elsewhere_is_empty(demo, system, box):
    assert boxed(demo, box, system) == []


@pytest.mark.parametrize(("box", "system", "word"), WRONG)
def test_a_wrong_box_is_refused_with_its_reason(demo, box, system, word):
    answer = demo.get(items_of("buurten"), **{"bbox": box, "bbox-crs": system})
    assert named(answer) == ["bbox"]
    assert word in answer.json()["detail"]


def test_one_area_in_every_system_is_the_same_question(demo):
    """The same rectangle of RD, and boxes of the other systems around or inside it."""
    exact = boxed(demo, "255000,468000,260000,473000", "EPSG:28992")
    assert 5 < len(exact) < BUURTEN
    west, south, east, north = Transformer.from_crs(28992, 4326, always_xy=True).transform_bounds(
        255_000, 468_000, 260_000, 473_000, densify_pts=50
    )
    there, turned = f"{west},{south},{east},{north}", f"{south},{west},{north},{east}"
    found = [boxed(demo, there, "CRS84"), boxed(demo, turned, "EPSG:4326"), boxed(demo, turned, "EPSG:4258")]
    web = Transformer.from_crs(4326, 3857, always_xy=True).transform_bounds(west, south, east, north)
    found.append(boxed(demo, ",".join(map(str, web)), "EPSG:3857"))
    assert found[1:] == found[:1] * 3
    assert set(exact) <= set(found[0])
    assert len(found[0]) < len(exact) + 5


def test_a_system_of_the_box_without_a_box_is_refused(demo):
    assert named(demo.get(items_of("buurten"), **{"bbox-crs": "EPSG:28992"})) == ["bbox-crs"]


def test_all_that_is_wrong_with_a_box_is_told_at_once(demo):
    answer = demo.get(items_of("buurten"), **{"bbox": "1,2,3", "bbox-crs": "EPSG:1", "crs": "x"})
    assert sorted(named(answer)) == ["bbox", "bbox-crs", "crs"]


@pytest.mark.parametrize(("system", "swapped"), [("CRS84", False), ("EPSG:4326", True)])
def test_degrees_of_reports_are_those_of_the_transformation(assen, assen_url, system, swapped):
    """They are read from stored Web Mercator points; a last decimal may fall to the other side."""
    expected = {
        number: (x, y)
        for number, x, y in rows(
            assen_url, "select melding_id, st_x(p), st_y(p) from intern.melding, st_transform(geom, 4326) p"
        )
    }
    found = assen.features("meldingen", MANAGER, crs=system, limit=10_000)
    assert len(found) > 2000
    for feature in found:
        place = feature["geometry"]["coordinates"]
        assert place == [round(axis, 7) for axis in place]
        assert place[:: -1 if swapped else 1] == pytest.approx(expected[feature["id"]], abs=1.01e-7)
