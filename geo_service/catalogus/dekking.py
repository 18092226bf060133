"""Where and when a source counts, per area, so that a page can draw it. No data is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from geo_service.domain.dekking import Dekking

Feature = dict[str, Any]


class Gedekt(StrEnum):
    """How a source covers an area. DEELS: only some of its buurten. AFGELEID: (partly) taken from the data itself."""

    GEDEKT = "gedekt"
    AFGELEID = "afgeleid"
    DEELS = "deels"
    GEEN = "geen"


Stretch = tuple[date, date, Gedekt]


def dekking_features(
    gebieden: Iterable[Feature], leden: Mapping[str, frozenset[str]], dekkingen: Mapping[str, Sequence[Dekking]]
) -> list[Feature]:
    """The areas with per source the covered periods.

    gebieden: GeoJSON features whose ``id`` is the area's code; geometry and names are kept.
    leden: buurten of each area. dekkingen: coverage per source.
    """
    return [_feature(area, leden.get(area["id"], frozenset()), dekkingen) for area in gebieden]


def _feature(area: Feature, buurten: frozenset[str], dekkingen: Mapping[str, Sequence[Dekking]]) -> Feature:
    kept = {name: area["properties"].get(name) for name in ("gebied_code", "gebied_naam", "niveau")}
    sources = [_source(bron, gedekte_perioden(rows, buurten)) for bron, rows in dekkingen.items()]
    return {**area, "properties": kept | {"bronnen": sources}}


def _source(bron: str, stretches: list[Stretch]) -> dict[str, Any]:
    return {
        "bron": bron,
        "status": best_status(stretches).value,
        "perioden": [
            {"van": van.isoformat(), "tot": tot.isoformat(), "status": status.value} for van, tot, status in stretches
        ],
    }


def best_status(stretches: Iterable[Stretch]) -> Gedekt:
    """The best that ever holds: an area is ``geen`` only when the source never counted there."""
    found = {status for _, _, status in stretches}
    return next((status for status in Gedekt if status in found), Gedekt.GEEN)


def gedekte_perioden(dekkingen: Sequence[Dekking], buurten: frozenset[str]) -> list[Stretch]:
    """Closed ranges of days on which the source covers all or some of the buurten, oldest first."""
    touching = [row for row in dekkingen if row.buurten & buurten]
    edges = sorted({row.van for row in touching} | {row.tot + timedelta(days=1) for row in touching})
    found: list[Stretch] = []
    for van, following in pairwise(edges):
        status = _status_on(van, touching, buurten)
        if status is Gedekt.GEEN:
            continue
        tot = following - timedelta(days=1)
        if found and found[-1][2] is status and found[-1][1] + timedelta(days=1) == van:
            van = found.pop()[0]
        found.append((van, tot, status))
    return found


def _status_on(dag: date, dekkingen: Sequence[Dekking], buurten: frozenset[str]) -> Gedekt:
    holding = [row for row in dekkingen if row.van <= dag <= row.tot]
    registered = _covered(row for row in holding if not row.afgeleid) & buurten
    covered = _covered(holding) & buurten
    if not covered:
        return Gedekt.GEEN
    if covered != buurten:
        return Gedekt.DEELS
    return Gedekt.GEDEKT if registered == buurten else Gedekt.AFGELEID


def _covered(dekkingen: Iterable[Dekking]) -> frozenset[str]:
    return frozenset().union(*(row.buurten for row in dekkingen))
