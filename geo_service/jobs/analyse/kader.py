"""What a run starts from: the municipality, the periods to look at, denominators, and areas that changed between vintages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries.context import list_kerncijfers
from geo_service.db.queries.vintages import compare_buurten
from geo_service.domain.perioden import Periode, bereik
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, Role, Viewer
from geo_service.release.cijfers import categorie_namen
from geo_service.release.context import Bron, Gemeente, connect_as, load_gemeente
from geo_service.release.noemers import Noemers, load_noemers
from geo_service.release.perioden import available_perioden, choose_periode, covered_span
from geo_service.release.vintages import SAME_AREA

# What tells need apart from size: social housing and cheap dwellings. The other shares of tenure are their complement.
NOOD = ("corporatie_pct", "woz_1000")
# With it, when it is known: how close together people live.
INDICATOREN = (*NOOD, "meergezins_pct", "adressendichtheid")
INWONERS = "inwoners"


@dataclass(frozen=True)
class Kader:
    """One source of a municipality, and the periods that can be asked for.

    kwartalen: released quarters, oldest first; eerst: what must be there at any rate. noemers: per year of a period,
    dwellings or else inhabitants. kerncijfers: rows of the need indicators and of the inhabitants. anders: per pair
    (vintage of the run, other vintage) the buurten that are not the same area in both.
    """

    gemeente: Gemeente
    bron: Bron
    kwartalen: tuple[Periode, ...]
    eerst: tuple[Periode, ...]
    categorieen: Mapping[str, str]
    noemers: Mapping[int, Noemers]
    kerncijfers: Sequence[Mapping[str, Any]]
    anders: Mapping[tuple[int, int], frozenset[str]] = field(default_factory=dict)

    @cached_property
    def kenmerk(self) -> str:
        """A hash of what all runs of the source depend on: its data, coverage and trend breaks, the areas, the need."""
        known, bron = self.gemeente, self.bron.naam
        return make_hash(
            [
                self.bron.versie,
                [row for row in (*known.dekking_rows, *known.trendbreuken) if row["bron"] == bron],
                {vintage.jaar: sorted(known.stadsdeel_van(vintage.jaar).items()) for vintage in known.vintages},
                sorted(self.kerncijfers, key=lambda row: (row["gebied_code"], row["indicator"], row["jaar"])),
            ]
        )

    def perioden(self, recent: int) -> list[Periode]:
        """The periods to compute, with at most so many released quarters."""
        return list(dict.fromkeys([*self.kwartalen[-recent:], *self.eerst]))

    def peiljaar(self, periode: Periode) -> int:
        """The vintage in which the reports of a period were counted."""
        return self.gemeente.vintage(periode.van).jaar

    def counted_days(self, periode: Periode) -> Periode:
        """The part of a period that lies between the first and the last day that the source covers anything."""
        span = covered_span(self.gemeente, self.bron.naam)
        if span is None:
            return periode
        van, tot = max(periode.van, span[0]), min(periode.tot, span[1])
        return periode if (van, tot) == (periode.van, periode.tot) or van > tot else bereik(van, tot)

    def is_released(self, periode: Periode) -> bool:
        return any((row["bron"], row["periode"]) == (self.bron.naam, periode.code) for row in self.gemeente.vrijgaven)

    def stadsdeel_van(self, peiljaar: int) -> dict[str, str]:
        """The stadsdeel of each buurt, or the municipality where there are none."""
        whole = dict.fromkeys(self.gemeente.leden(peiljaar, "buurt"), self.gemeente.code)
        return whole | self.gemeente.stadsdeel_van(peiljaar)


def make_hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()


async def load_kader(url: str, gemeente: str, bron: str, asked: str | None) -> Kader:
    """Read what a source's runs start from. asked: the one period, any that staff may ask; None: what users meet first,
    which are the last released quarters and the default period of each kind of viewer."""
    staff = Viewer(Role.WIJKREGISSEUR, gemeente, frozenset({ALL_STADSDELEN}))
    database = Database(url, pool_size=1)
    try:
        async with connect_as(database, PUBLIEK) as connection:
            known = await load_gemeente(connection, staff, gemeente)
            source = known.bron(bron)
            viewers = (PUBLIEK, staff) if asked is None else (staff,)
            eerst = tuple(choose_periode(known, viewer, bron, asked) for viewer in viewers)
            released = available_perioden(known, PUBLIEK, bron) if asked is None else []
            kwartalen = tuple(periode for periode in released if periode.soort == "kwartaal")
            jaren = sorted({periode.van.year for periode in (*kwartalen, *eerst)})
            return Kader(
                known,
                source,
                kwartalen,
                eerst,
                await categorie_namen(connection),
                await _dwellings_or_people(connection, gemeente, jaren),
                await list_kerncijfers(connection, gemeente, [*INDICATOREN, INWONERS]),
                await _changed_buurten(connection, known),
            )
    finally:
        await database.close()


async def _dwellings_or_people(connection: ReadConnection, gemeente: str, jaren: list[int]) -> dict[int, Noemers]:
    dwellings = await load_noemers(connection, gemeente, "woningen", jaren)
    if any(noemers.waarden for noemers in dwellings.values()):
        return dwellings
    return await load_noemers(connection, gemeente, INWONERS, jaren)


async def _changed_buurten(connection: ReadConnection, gemeente: Gemeente) -> dict[tuple[int, int], frozenset[str]]:
    jaren = [vintage.jaar for vintage in gemeente.vintages]
    found = {}
    for own in jaren:
        buurten = sorted(gemeente.leden(own, "buurt"))
        for other in jaren:
            if other != own:
                overlap = await compare_buurten(connection, gemeente.code, (own, other), buurten)
                found[own, other] = frozenset(buurt for buurt, share in overlap.items() if share < SAME_AREA)
    return found
