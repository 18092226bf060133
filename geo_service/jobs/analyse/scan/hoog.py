"""Which buurten are high beyond chance and beyond their size: distinct places that report, against dwellings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.rates import usual_variation
from analysis.scan import ScanCluster, spatial_scan
from geo_service.domain.cijfers import SMALL_DENOMINATOR
from geo_service.domain.hotspots import HOOG
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.parameters import LEVEL
from geo_service.jobs.analyse.reeksen import Bools, Floats, Reeks
from geo_service.jobs.analyse.scan.vensters import Vraag, clear_clusters, told
from geo_service.jobs.analyse.vondsten import GEEN_NOEMERS, Cel, Cijfers, Vondst, denominators
from geo_service.release.noemers import Noemers

# Fewer buurten do not tell how far buurten usually lie apart.
FEWEST = 10


def find_hoog(vraag: Vraag, now: Mapping[str, Reeks]) -> tuple[list[Vondst], dict[str, Any]]:
    """Results, and what the run keeps: per category, or why there are none. now: the period, per category.

    One caller counts once per buurt. A buurt with fewer than 100 dwellings has no rate to compare and takes no part; of
    one that is covered for a part of the days the dwellings count for that part.
    """
    noemers = vraag.kader.noemers[vraag.periode.van.year]
    found: list[Vondst] = []
    kept: dict[str, Any] = {"noemer": noemers.soort, "noemer_jaar": noemers.jaar}
    for categorie, reeks in now.items():
        dwellings = denominators(noemers, reeks.buurten)
        known = vraag.getekend & reeks.gedekt[:, 0] & (dwellings >= SMALL_DENOMINATOR)
        if not known.any():
            return [], kept | {"reden": GEEN_NOEMERS}
        population = np.where(known, dwellings * reeks.dekking[:, 0], 0.0)
        cases = np.where(known, reeks.plekken[:, 0], 0.0)
        buurten = Buurten(cases, population, known)
        result = spatial_scan(cases, population, vraag.xy, covered=known, **vraag.limits(population))
        clear = clear_clusters(result)
        chances, variation = _among_usual(vraag, buurten, clear)
        kept[categorie] = told(result) | {"buurten": int(known.sum()), "uiteenlopen": variation}
        for cluster, chance in zip(clear, chances, strict=True):
            merk = Merk(buurten.is_small(cluster), None if chance is None else chance <= LEVEL)
            vondst = _make_vondst(vraag, (categorie, reeks), cluster, noemers, merk)
            if vondst is not None:
                found.append(vondst)
    return found, kept


@dataclass(frozen=True, eq=False)
class Buurten:
    """What a scan compares, each (n,): places that report, covered dwellings, and which buurten take part."""

    cases: Floats
    population: Floats
    known: Bools

    def is_small(self, cluster: ScanCluster) -> bool:
        """Whether a cluster has less than half of the dwellings of a usual buurt."""
        return bool(self.population[cluster.members].sum() < np.median(self.population[self.known]) / 2)


@dataclass(frozen=True)
class Merk:
    """What a card must say of a cluster. klein: it has few dwellings. bijzonder: it stands out among buurten that differ
    as much as these do; None where that cannot be known."""

    klein: bool
    bijzonder: bool | None


def _among_usual(
    vraag: Vraag, buurten: Buurten, clear: Sequence[ScanCluster]
) -> tuple[list[float] | list[None], float | None]:
    """The chance of each clear cluster where buurten differ as much as those outside the clusters do, and how much that
    is; None with fewer than ten of those."""
    others = buurten.known.copy()
    for cluster in clear:
        others[cluster.members] = False
    variation = usual_variation(buurten.cases, buurten.population, covered=others) if others.sum() >= FEWEST else np.nan
    if not clear or np.isnan(variation):
        return [None] * len(clear), None
    result = spatial_scan(
        buurten.cases,
        buurten.population,
        vraag.xy,
        covered=buurten.known,
        variation=variation,
        **vraag.limits(buurten.population),
    )
    return [cluster.p_value for cluster in result.clusters[: len(clear)]], round(variation, 3)


def _make_vondst(
    vraag: Vraag, series: tuple[str, Reeks], cluster: ScanCluster, noemers: Noemers, merk: Merk
) -> Vondst | None:
    """None when too few places report, for anyone to know of. series: the category and its counts."""
    categorie, reeks = series
    if cluster.cases < vraag.parameters.min_places:
        return None
    buurten = [reeks.buurten[row] for row in cluster.members]
    counts = reeks.aantal[cluster.members, 0]
    cellen = [Cel(buurt, vraag.periode, int(n)) for buurt, n in zip(buurten, counts, strict=True)]
    ratio = cluster.cases / cluster.expected
    cijfers = Cijfers(cellen, cluster.cases, reeks.plekken_soort, cluster.expected, ratio)
    vormen = vraag.drempels.forms(categorie, cijfers, vraag.vlakken.union(buurten))
    bekend = kaartjes.Bekend(
        vraag.kader.counted_days(vraag.periode),
        deels=bool((reeks.dekking < 1).any()),
        breuken=vraag.kader.gemeente.breuken(vraag.kader.bron.naam, buurten, vraag.periode, vraag.peiljaar),
        klein=merk.klein,
        bijzonder=merk.bijzonder,
        plekken_soort=reeks.plekken_soort,
        noemer=(noemers.soort, noemers.jaar or vraag.periode.van.year),
    )
    topic, n_sim = vraag.topic(categorie), vraag.parameters.n_sim
    kaartje, besloten = (kaartjes.hoog(topic, bekend, p, n_sim) for p in (cluster.p_value, None))
    stadsdeel = vraag.vlakken.stadsdeel(buurten)
    found = Vondst(categorie, HOOG, buurten, stadsdeel, kaartje, vormen, p_waarde=cluster.p_value, besloten=besloten)
    return found if vormen else None
