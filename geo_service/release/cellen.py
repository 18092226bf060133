"""How the cube becomes areas: which of its cells an area is made of, and on which days a source covers a cell.

The same for live sums and for the released lattice. A cell is an area code of the cube: a buurt, a larger area that a
source counts by, or ``buiten``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from geo_service.domain.dekking import Dekking
from geo_service.domain.gebieden import BUITEN

Leden = Mapping[str, Mapping[str, frozenset[str]]]
Span = tuple[date, date]

# Larger areas whose own counts are part of the municipality's total.
PARTS_OF_GEMEENTE = ("wijk", "stadsdeel")


@dataclass(frozen=True)
class Cellen:
    """The cells of one vintage. leden: per level and area its buurten. rest_telt: what lies in no known area is part
    of the municipality's total."""

    gemeente: str
    leden: Leden
    rest_telt: bool

    @property
    def buurten(self) -> dict[str, frozenset[str]]:
        """The buurten of every known cell."""
        return {code: members for level in self.leden.values() for code, members in level.items()}

    def of_area(self, niveau: str, code: str) -> frozenset[str]:
        """The cells that an area adds up."""
        own = {code} | self.leden.get(niveau, {}).get(code, frozenset())
        if niveau != "gemeente":
            return frozenset(own)
        parts = {part for level in PARTS_OF_GEMEENTE for part in self.leden.get(level, ())}
        return frozenset(own | parts | ({BUITEN} if self.rest_telt else set()))

    def covered(self, dekkingen: Iterable[Dekking]) -> list[tuple[str, date, date]]:
        """The spans of days on which a source covers a cell whole: (cell, first, last), no two of a cell touching.

        What lies in no known area is covered on the days that the whole municipality is.
        """
        per_buurt = _per_buurt(dekkingen)
        found = []
        for cell, buurten in self.buurten.items():
            found += [(cell, *span) for span in _shared(per_buurt, buurten)]
        if self.rest_telt:
            everything = self.leden.get("gemeente", {}).get(self.gemeente, frozenset())
            found += [(BUITEN, *span) for span in _shared(per_buurt, everything)]
        return found


def _per_buurt(dekkingen: Iterable[Dekking]) -> dict[str, tuple[Span, ...]]:
    spans: dict[str, list[Span]] = {}
    for dekking in dekkingen:
        for buurt in dekking.buurten:
            spans.setdefault(buurt, []).append((dekking.van, dekking.tot))
    return {buurt: _joined(found) for buurt, found in spans.items()}


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that overlap or follow each other joined."""
    joined: list[Span] = []
    for van, tot in sorted(span for span in spans if span[0] <= span[1]):
        if joined and van <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], tot))
        else:
            joined.append((van, tot))
    return tuple(joined)


def _shared(per_buurt: Mapping[str, tuple[Span, ...]], buurten: Iterable[str]) -> tuple[Span, ...]:
    """The spans on which all buurten are covered."""
    different = {per_buurt.get(buurt, ()) for buurt in buurten}
    return reduce(_both, different) if different else ()


def _both(left: tuple[Span, ...], right: tuple[Span, ...]) -> tuple[Span, ...]:
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right)
    return tuple(sorted(span for span in both if span[0] <= span[1]))
