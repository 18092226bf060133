"""Where and when a source counts, per area. Buurten A and B form the area AB."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.catalogus.dekking import Gedekt, dekking_features, gedekte_perioden
from geo_service.domain.dekking import Dekking, gedekte_dagen
from geo_service.domain.perioden import bereik

AB = frozenset("AB")


def dag(number: int) -> date:
    return date(2024, 1, number)


def covers(buurten: str, van: int, tot: int, afgeleid: bool = False) -> Dekking:
    return Dekking(frozenset(buurten), dag(van), dag(tot), afgeleid)


@pytest.mark.parametrize(
    ("dekkingen", "expected"),
    [
        ([], []),
        ([covers("C", 1, 9)], []),
        ([covers("AB", 1, 9)], [(1, 9, "gedekt")]),
        ([covers("ABC", 1, 9, afgeleid=True)], [(1, 9, "afgeleid")]),
        ([covers("A", 1, 9)], [(1, 9, "deels")]),
        ([covers("A", 1, 9), covers("B", 4, 6)], [(1, 3, "deels"), (4, 6, "gedekt"), (7, 9, "deels")]),
        ([covers("AB", 1, 4), covers("AB", 5, 9)], [(1, 9, "gedekt")]),
        ([covers("AB", 1, 4), covers("AB", 6, 9)], [(1, 4, "gedekt"), (6, 9, "gedekt")]),
        ([covers("AB", 1, 6), covers("AB", 3, 9)], [(1, 9, "gedekt")]),
        ([covers("AB", 1, 9, afgeleid=True), covers("AB", 4, 6)],
         [(1, 3, "afgeleid"), (4, 6, "gedekt"), (7, 9, "afgeleid")]),
        ([covers("A", 1, 9), covers("B", 1, 9, afgeleid=True)], [(1, 9, "afgeleid")]),
    ],
)  # fmt: skip
def test_periods(dekkingen, expected):
    found = [(van.day, tot.day, status.value) for van, tot, status in gedekte_perioden(dekkingen, AB)]
    assert found == expected


ROWS = st.lists(
    st.builds(
        lambda buurten, van, length, afgeleid: covers("".join(buurten), van, min(van + length, 31), afgeleid),
        st.sets(st.sampled_from("ABC"), min_size=1), st.integers(1, 31), st.integers(0, 12), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(ROWS)
def test_the_days_are_those_that_the_figures_use(rows):
    """Of one buurt: the covered days that also decide on niet_gedekt."""
    stretches = gedekte_perioden(rows, frozenset("A"))
    month = bereik(dag(1), dag(31))
    assert sum((tot - van).days + 1 for van, tot, _ in stretches) == gedekte_dagen(rows, "A", month)
    assert all(first[1] < second[0] for first, second in pairwise(stretches))


def test_an_area_without_coverage_is_drawn_as_such_and_never_left_out():
    areas = [
        {
            "type": "Feature", "id": code, "geometry": {"type": "Point", "coordinates": [6, 52]},
            "properties": {"gebied_code": code, "gebied_naam": f"Buurt {code}", "niveau": "buurt", "inwoners": 12},
        }
        for code in "AB"
    ]  # fmt: skip
    members = {"A": frozenset("A"), "B": frozenset("B")}
    found = dekking_features(areas, members, {"meldpunt": [covers("A", 1, 9)], "politie": []})
    assert [area["properties"]["bronnen"] for area in found] == [
        [
            {
                "bron": "meldpunt",
                "status": "gedekt",
                "perioden": [{"van": "2024-01-01", "tot": "2024-01-09", "status": "gedekt"}],
            },
            {"bron": "politie", "status": "geen", "perioden": []},
        ],
        [{"bron": "meldpunt", "status": "geen", "perioden": []}, {"bron": "politie", "status": "geen", "perioden": []}],
    ]
    assert set(found[0]["properties"]) == {"gebied_code", "gebied_naam", "niveau", "bronnen"}
    assert areas[0]["properties"]["inwoners"] == 12


def test_an_area_without_buurten_is_covered_by_nothing():
    assert gedekte_perioden([covers("AB", 1, 9)], frozenset()) == []


def test_every_status_has_its_word():
    assert [status.value for status in Gedekt] == ["gedekt", "afgeleid", "deels", "geen"]
