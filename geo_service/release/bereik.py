"""Who can walk to a place, who cannot, where a new one would help most, and what happens when one closes or moves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import dist
from typing import Any

import numpy as np

from analysis.access import two_step_fca, walking_minutes_within
from analysis.arrays import Bools, Floats
from analysis.siting import SitingResult, max_cover, swaps
from analysis.spread import spread_points
from geo_service.db.engine import ReadConnection
from geo_service.db.queries.features import list_gebieden
from geo_service.errors import Faults
from geo_service.identity import Viewer
from geo_service.release.bereikgewichten import Gewicht, offered, read_gewicht
from geo_service.release.bereikpunten import (
    MOMENTEN,
    Plek,
    Punten,
    Row,
    load_plekken,
    load_punten,
    load_woningen,
    open_op,
    to_lonlat,
    to_rd,
)
from geo_service.release.context import Gemeente
from geo_service.release.geheugen import Geheugen
from geo_service.release.noemers import Noemers
from geo_service.release.plekken import METERS, OMWEG

MINUTEN = (5, 10, 15)
MEESTE_NIEUWE = 5
MARGE, MEESTE_GELIJKE = 0.01, 5
KANDIDATEN, MINSTE_KANDIDATEN, MEESTE_KANDIDATEN = 300, 2, 20
# Ten minutes are METERS as the crow flies, OMWEG times that over streets.
SPEED_KMH = METERS / 10 * OMWEG * 60 / 1000
WIJKWIJZER = "wijkwijzer"


@dataclass(frozen=True)
class BereikVraag:
    """soort: a type of place (None: wijkwijzers, else the first). open: a key of MOMENTEN. gebied: a stadsdeel.

    nieuw: how many new places. sluit: id of a place that closes; erbij: a buurt, or "lat,lon", where one is added.
    """

    soort: str | None = None
    minuten: int = 10
    open: str | None = None
    gewicht: str = "woningen"
    gebied: str | None = None
    nieuw: int = 0
    sluit: str | None = None
    erbij: str | None = None


@dataclass(frozen=True)
class BuurtBereik:
    """One buurt. deel: share of its surface with a place within reach, which stands for its dwellings; deel_nu: that
    without the what-if. woningen: None where not known. plaatsen: per 1 000 dwellings, None: no capacity known.
    """

    code: str
    naam: str
    woningen: float | None
    deel: float
    deel_nu: float
    plaatsen: float | None

    @property
    def zonder(self) -> float | None:
        return None if self.woningen is None else self.woningen * (1 - self.deel)

    @property
    def verschil(self) -> float | None:
        """Dwellings that get a place within reach by the what-if; below zero: that lose it."""
        return None if self.woningen is None else self.woningen * (self.deel - self.deel_nu)

    @property
    def anders(self) -> bool:
        """Whether dwellings get or lose a place by the what-if."""
        return bool(self.woningen) and self.deel != self.deel_nu

    @property
    def zonder_plek(self) -> bool:
        return bool(self.woningen) and self.deel == 0


@dataclass(frozen=True)
class Locatie:
    """A possible place: where it lies (lon, lat; RD metres), in which buurt, and on which side of its middle."""

    buurt_code: str
    buurt_naam: str
    ligging: str
    lonlat: tuple[float, float]
    xy: tuple[float, float]


@dataclass(frozen=True)
class Keuze:
    """New places together. deel, deel_nu: share of the weight within reach, with and without them; erbij: weight."""

    locaties: tuple[Locatie, ...]
    deel: float
    deel_nu: float
    erbij: float

    def in_plaats_van(self, eerste: Keuze) -> list[tuple[Locatie, Locatie, int]]:
        """What differs from another choice: (there, here, metres between), each place with the nearest that is left."""
        gone = [locatie for locatie in eerste.locaties if locatie not in self.locaties]
        pairs = []
        for here in (locatie for locatie in self.locaties if locatie not in eerste.locaties):
            if gone:
                there = min(gone, key=lambda locatie: dist(locatie.xy, here.xy))
                gone.remove(there)
                pairs.append((there, here, round(dist(there.xy, here.xy) / 10) * 10))
        return pairs


@dataclass(frozen=True)
class Bereik:
    """The answer. vraag: with everything that was chosen for the reader.

    plekken: of the kind that was asked; those with open None have unknown hours and count as closed. keuzes: the best
    choice of new places and those as good. erbij: where the added place lies. grenzen: GeoJSON geometry per buurt.
    """

    vraag: BereikVraag
    soorten: tuple[str, ...]
    gebieden: tuple[tuple[str, str], ...]
    gewichten: tuple[str, ...]
    plekken: tuple[Plek, ...]
    sluit: Plek | None
    erbij: Locatie | None
    buurten: tuple[BuurtBereik, ...]
    gewicht: Gewicht
    keuzes: tuple[Keuze, ...]
    woningen: Noemers
    bronnen: tuple[str, ...]
    capaciteit_onbekend: int
    punten_per_buurt: int
    grenzen: Mapping[str, Row]

    @property
    def bekende_woningen(self) -> float:
        return sum(buurt.woningen or 0 for buurt in self.buurten)

    def deel(self, *, nu: bool = False) -> float | None:
        """Share of the known dwellings of the area within reach; nu: without the what-if."""
        total = self.bekende_woningen
        shares = ((buurt.woningen or 0) * (buurt.deel_nu if nu else buurt.deel) for buurt in self.buurten)
        return sum(shares) / total if total else None


async def bereik(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: BereikVraag, geheugen: Geheugen
) -> Bereik:
    """Reach by walking time as the crow flies. InvalidParameters names everything that cannot be chosen."""
    punten = await load_punten(connection, gemeente, geheugen)
    alle = await load_plekken(connection, gemeente)
    weights = offered(viewer, gemeente)
    vraag, soorten = _complete(vraag, alle)
    plekken = [plek for plek in alle if plek.type == vraag.soort]
    _check(gemeente, vraag, soorten, plekken, weights)
    plekken = [replace(plek, open=open_op(plek, vraag.open)) for plek in plekken]
    erbij = _locate(gemeente, punten, vraag.erbij)
    woningen = await load_woningen(connection, gemeente)
    gewicht = await read_gewicht(connection, viewer, gemeente, vraag.gewicht, woningen)
    stad = _Stad.of(gemeente, punten, plekken, vraag, erbij)
    capaciteit = stad.capacity(punten.spread(woningen.waarden))
    return Bereik(
        vraag=vraag,
        soorten=soorten,
        gebieden=_stadsdelen(gemeente),
        gewichten=tuple(weights),
        plekken=tuple(plekken),
        sluit=next((plek for plek in plekken if plek.id == vraag.sluit), None),
        erbij=erbij,
        buurten=stad.per_buurt(woningen, capaciteit),
        gewicht=gewicht,
        # Other visitors do not wait for a search of seconds.
        keuzes=await asyncio.to_thread(stad.best_places, gewicht) if vraag.nieuw else (),
        woningen=woningen,
        bronnen=tuple(sorted({plek.id.split("/")[1] for plek in alle})),
        capaciteit_onbekend=sum(plek.capaciteit is None for plek in plekken),
        punten_per_buurt=len(punten.xy) // max(len(punten.codes), 1),
        grenzen=await _grenzen(connection, gemeente),
    )


async def _grenzen(connection: ReadConnection, gemeente: Gemeente) -> dict[str, Row]:
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    rows = await list_gebieden(connection, gemeente=gemeente.code, jaar=jaar, niveau="buurt")
    return {row["code"]: row["geometry"] for row in rows}


def _complete(vraag: BereikVraag, alle: Sequence[Plek]) -> tuple[BereikVraag, tuple[str, ...]]:
    """The question with a kind of place, and the kinds that can be chosen; a place of another kind is let go of."""
    soorten = sorted({plek.type for plek in alle}, key=lambda soort: (soort != WIJKWIJZER, soort))
    soort = vraag.soort or next(iter(soorten), None)
    others = {plek.id for plek in alle if plek.type != soort}
    return replace(vraag, soort=soort, sluit=None if vraag.sluit in others else vraag.sluit), tuple(soorten)


def _check(
    gemeente: Gemeente, vraag: BereikVraag, soorten: Sequence[str], plekken: Sequence[Plek], gewichten: Sequence[str]
) -> None:
    faults = Faults()
    faults.require("soort", vraag.soort, soorten)
    faults.require("gewicht", vraag.gewicht, gewichten)
    faults.require("open", vraag.open, MOMENTEN)
    if vraag.gebied is not None and vraag.gebied not in dict(_stadsdelen(gemeente)):
        faults.add("gebied", f"dit is geen stadsdeel van {gemeente.naam}.")
    if vraag.sluit is not None and vraag.sluit not in {plek.id for plek in plekken}:
        faults.add("sluit", "deze plek is er niet, of niet meer.")
    faults.raise_any()


def _stadsdelen(gemeente: Gemeente) -> tuple[tuple[str, str], ...]:
    """Stadsdelen by name, as (code, name)."""
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    named = ((code, gemeente.gebied_naam(code)) for code in gemeente.leden(jaar, "stadsdeel"))
    return tuple(sorted(named, key=lambda pair: pair[1].casefold()))


def _locate(gemeente: Gemeente, punten: Punten, asked: str | None) -> Locatie | None:
    """Where a place is added: the middle of a buurt, or a point on the map. InvalidParameters outside every buurt."""
    if asked is None:
        return None
    faults = Faults()
    if asked in punten.codes:
        ((x, y),) = punten.midden[[punten.codes.index(asked)]]
    else:
        try:
            lat, lon = map(float, asked.split(","))
        except ValueError:
            faults.add("erbij", "kies een buurt, of een punt op de kaart.")
            faults.raise_any()
        x, y = to_rd(lon, lat)
    code = punten.buurt_at(x, y) if np.isfinite([x, y]).all() else None
    if code is None:
        faults.add("erbij", f"dit punt ligt niet in {gemeente.naam}.")
        faults.raise_any()
    return _locatie(gemeente, punten, str(code), (x, y))


def _locatie(gemeente: Gemeente, punten: Punten, code: str, xy: tuple[float, float]) -> Locatie:
    vorm = punten.vormen[punten.codes.index(code)]
    (lonlat,) = to_lonlat(np.array([xy]))
    return Locatie(code, gemeente.gebied_naam(code), _side(vorm.bounds, xy), lonlat, xy)


def _side(bounds: tuple[float, float, float, float], xy: tuple[float, float]) -> str:
    """On which side of the middle of a box a point lies: in thirds, as "in het noordoosten"."""
    west, south, east, north = bounds
    across = (xy[0] - west) / (east - west)
    up = (xy[1] - south) / (north - south)
    words = ("noord" if up > 2 / 3 else "zuid" if up < 1 / 3 else "") + (
        "oost" if across > 2 / 3 else "west" if across < 1 / 3 else ""
    )
    return f"in het {words}en" if words else "in het midden"


@dataclass(frozen=True)
class _Stad:
    """One question in numbers. plaatsen (m, 2): places in RD metres, the added one last, and their capaciteit (m,).

    nu, straks (m,): which of them count without and with the what-if. binnen (n,): points in the area that was asked.
    """

    gemeente: Gemeente
    punten: Punten
    limiet: int
    nieuw: int
    binnen: Bools
    plaatsen: Floats
    capaciteit: Floats
    nu: Bools
    straks: Bools

    @classmethod
    def of(
        cls, gemeente: Gemeente, punten: Punten, plekken: Sequence[Plek], vraag: BereikVraag, erbij: Locatie | None
    ) -> _Stad:
        places = [(plek.x, plek.y) for plek in plekken]
        supply = [plek.capaciteit for plek in plekken]
        counted = [plek.open is True for plek in plekken]
        stay = [on and plek.id != vraag.sluit for on, plek in zip(counted, plekken, strict=True)]
        if erbij is not None:
            places.append(erbij.xy)
            # What moves keeps its room.
            supply.append(next((plek.capaciteit for plek in plekken if plek.id == vraag.sluit), None))
            counted.append(False)
            stay.append(True)
        jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
        chosen = gemeente.leden(jaar, "stadsdeel").get(vraag.gebied or "", frozenset(punten.codes))
        return cls(
            gemeente, punten, vraag.minuten, vraag.nieuw, punten.inside(chosen),
            np.array(places, dtype=np.float64).reshape(-1, 2), np.array(supply, dtype=np.float64),
            np.array(counted, dtype=bool), np.array(stay, dtype=bool),
        )  # fmt: skip

    def _minutes(self, which: Bools, places: Floats) -> Any:
        """Minutes on foot from some of the points to places, as a sparse matrix of those within reach."""
        return walking_minutes_within(self.punten.xy[which], places, self.limiet, detour=OMWEG, speed=SPEED_KMH)

    def _near(self, which: Bools) -> Bools:
        """Which points have one of these places within reach (n,)."""
        every = np.ones(len(self.punten.xy), dtype=bool)
        near: Bools = np.diff(self._minutes(every, self.plaatsen[which]).indptr) > 0
        return near

    def capacity(self, woningen: Floats) -> Floats | None:
        """Places per dwelling within reach of each point, shared with everyone who can walk there too; None when no
        capacity is known. Of a place of unknown capacity nothing counts: what there is, is at least this."""
        supply = self.capaciteit[self.straks]
        if not np.isfinite(supply).any():
            return None
        minutes = self._minutes(np.ones(len(woningen), dtype=bool), self.plaatsen[self.straks])
        return two_step_fca(woningen, supply, minutes, max_cost=self.limiet)

    def per_buurt(self, woningen: Noemers, capaciteit: Floats | None) -> tuple[BuurtBereik, ...]:
        """Every buurt of the area, by name."""
        now, then = self._near(self.nu), self._near(self.straks)
        rows = []
        for number in np.unique(self.punten.buurt[self.binnen]):
            code, own = self.punten.codes[number], self.punten.buurt == number
            places = None if capaciteit is None else float(capaciteit[own].mean()) * 1000
            rows.append(
                BuurtBereik(
                    code,
                    self.gemeente.gebied_naam(code),
                    woningen.waarden.get(code),
                    float(then[own].mean()),
                    float(now[own].mean()),
                    None if places is None or np.isnan(places) else places,
                )
            )
        return tuple(sorted(rows, key=lambda row: (row.naam.casefold(), row.code)))

    def best_places(self, gewicht: Gewicht) -> tuple[Keuze, ...]:
        """The new places that bring most weight within reach, and other choices that are as good within MARGE."""
        demand = self.punten.spread(gewicht.waarden)[self.binnen]
        candidates, owner = self._candidates()
        there = self.plaatsen[self.straks]
        cost = self._minutes(self.binnen, np.concatenate([there, candidates]))
        existing = range(len(there))
        best = max_cover(demand, cost, service_distance=self.limiet, n_sites=self.nieuw, existing=existing)
        if not len(best.sites):
            return ()
        others = swaps(demand, cost, best, margin=MARGE, limit=MEESTE_GELIJKE)
        total = float(np.nansum(demand))

        def keuze(found: SitingResult) -> Keuze:
            columns = found.sites - len(there)
            locaties = (
                _locatie(
                    self.gemeente,
                    self.punten,
                    owner[column],
                    (float(candidates[column, 0]), float(candidates[column, 1])),
                )
                for column in columns
            )
            gained = found.covered - found.share_before * total
            return Keuze(tuple(locaties), found.share, found.share_before, gained)

        return tuple(keuze(found) for found in (best, *others))

    def _candidates(self) -> tuple[Floats, list[str]]:
        """Points where a new place may come, evenly over the buurten of the area, and the buurt of each."""
        numbers = np.unique(self.punten.buurt[self.binnen])
        each = min(MEESTE_KANDIDATEN, max(MINSTE_KANDIDATEN, KANDIDATEN // max(len(numbers), 1)))
        parts = [spread_points(self.punten.vormen[number], each) for number in numbers]
        owner = [self.punten.codes[number] for number, part in zip(numbers, parts, strict=True) for _ in part]
        return np.concatenate([np.empty((0, 2)), *parts]), owner
