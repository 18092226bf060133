"""Coverage: which part of an area and a period a source speaks about. No data is not zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from geo_service.domain.perioden import Periode


@dataclass(frozen=True, slots=True)
class Dekking:
    """A source covers these buurten from ``van`` through ``tot``. afgeleid: nobody registered it."""

    buurten: frozenset[str]
    van: date
    tot: date
    afgeleid: bool = False


def volle_weken(eerste: date, laatste: date) -> tuple[date, date] | None:
    """The first Monday from ``eerste`` on and the last Sunday up to ``laatste``; None without a full week."""
    van = eerste + timedelta(days=-eerste.weekday() % 7)
    tot = laatste - timedelta(days=(laatste.weekday() + 1) % 7)
    return (van, tot) if van <= tot else None


def gedekte_dagen(dekkingen: Iterable[Dekking], buurt: str, periode: Periode) -> int:
    """Days of the period on which the source covers the buurt; overlapping registrations count once."""
    ranges = sorted(
        (max(d.van, periode.van).toordinal(), min(d.tot, periode.tot).toordinal())
        for d in dekkingen
        if buurt in d.buurten
    )
    days = 0
    reached = 0
    for van, tot in ranges:
        start = max(van, reached + 1)
        if tot >= start:
            days += tot - start + 1
            reached = tot
    return days


def dekkingsgraad(dekkingen: Iterable[Dekking], buurten: Iterable[str], periode: Periode) -> float:
    """Share (0-1) of buurt × day that the source covers; 0 for an area without buurten."""
    covers = list(dekkingen)
    members = list(buurten)
    if not members:
        return 0.0
    covered = sum(gedekte_dagen(covers, buurt, periode) for buurt in members)
    return covered / (len(members) * periode.dagen)
