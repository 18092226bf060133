"""Was the map any good: how much of what came was in the places that the map named, beside a naive map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arrays import Floats, Ints, as_counts
from analysis.wording import procent

# The part of the area on which hit_share judges a map: what people can attend to.
SHOWN_SHARE = 0.2


@dataclass(frozen=True)
class Accuracy:
    """Scores per step down the ranking of the map; unpacks as (pai, pei, rri).

    Place k of each array: the k + 1 places with the highest predicted density together. order: their indices.
    pai: share of the reports in them over their share of the area (1: no better than spreading evenly).
    pei: pai over the highest that any map could have for that much area (0-1).
    rri: reports predicted over reports observed in them (1: right, below 1: too few predicted).
    share_of_area: (n,) cumulative. hit_share: share of the reports on the first SHOWN_SHARE of the area; equal
    predictions, and the last place, count in part. naive: the scores of the naive map; None when none was given.
    NaN: not defined, for lack of reports.
    """

    pai: Floats
    pei: Floats
    rri: Floats
    order: tuple[int, ...]
    share_of_area: Floats
    hit_share: float
    naive: Accuracy | None
    uitleg: str
    parameters: Mapping[str, object]

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.pai, self.pei, self.rri))


def accuracy(observed: ArrayLike, predicted: ArrayLike, area: ArrayLike, *, naive: ArrayLike | None = None) -> Accuracy:
    """Score a map of predicted reports against what was observed.

    observed, predicted, area: (n,), >= 0, area > 0 in any unit (or street length). A place where one of them, or
    naive, is NaN is left out, as for all maps alike. Empty, or nothing left: ValueError.
    naive: predicted reports (n,) of the map to beat, e.g. the counts of the period before; None: reports spread
    evenly over the area, whose PAI is 1.
    Equal predictions: places with fewer observed reports per area come first, so that no map gains by luck.
    No reports observed: pai and pei NaN; none in the first places: rri NaN or, when some were predicted, inf.
    Method: Chainey, Tompson and Uhlig (2008) for PAI, Hunt (2016) for PEI, with the last place of the best map
    taken in part, Wheeler and Steenbeek (2021) for RRI.
    """
    counts = as_counts(observed, "observed")
    if counts.ndim != 1:
        raise ValueError(f"observed must have shape (n,), got {counts.shape}")
    maps = [as_counts(predicted, "predicted", shape=counts.shape)]
    if naive is not None:
        maps.append(as_counts(naive, "naive", shape=counts.shape))
    sizes = as_counts(area, "area", shape=counts.shape)
    known = ~np.isnan([counts, sizes, *maps]).any(axis=0)
    if not known.any() or not (sizes[known] > 0).all():
        raise ValueError("there must be places with known numbers, and their area must be more than 0")
    where = np.flatnonzero(known)
    other = _score(counts[known], maps[1][known], sizes[known], where, None) if naive is not None else None
    return _score(counts[known], maps[0][known], sizes[known], where, other)


def _score(counts: Floats, predicted: Floats, sizes: Floats, where: Ints, naive: Accuracy | None) -> Accuracy:
    density, expected = _density(counts, sizes), _density(predicted, sizes)
    order = np.lexsort((sizes, density, -expected))
    found, said, size = (np.cumsum(values[order]) for values in (counts, predicted, sizes))
    best = np.argsort(-density, kind="stable")
    most = np.interp(size, np.append(0, np.cumsum(sizes[best])), np.append(0, np.cumsum(counts[best])))
    share, hit = size / size[-1], _ratio(found, np.full(len(found), found[-1]))
    ends = np.append(np.diff(expected[order]) != 0, True)
    hit_share = float(np.interp(SHOWN_SHARE, np.append(0, share[ends]), np.append(0, hit[ends])))
    return Accuracy(
        pai=hit / share,
        pei=np.minimum(_ratio(found, most), 1.0),
        rri=_ratio(said, found),
        order=tuple(where[order].tolist()),
        share_of_area=share,
        hit_share=hit_share,
        naive=naive,
        uitleg=_explain(hit_share, SHOWN_SHARE if naive is None else naive.hit_share),
        parameters={"n": len(counts), "naive": "evenly spread" if naive is None else "given", "shown": SHOWN_SHARE},
    )


def _density(values: Floats, sizes: Floats) -> Floats:
    """Return values per size as a share of the highest, rounded so that another unit leaves ties alone."""
    found = values / sizes
    return np.round(found / max(float(found.max()), np.finfo(np.float64).tiny), 12)


def _ratio(above: Floats, below: Floats) -> Floats:
    nothing = np.where(above > 0, math.inf, math.nan)
    return np.divide(above, below, out=nothing, where=below > 0)


def _explain(hit_share: float, beside: float) -> str:
    if math.isnan(hit_share):
        return "Niet te beoordelen: er kwamen in deze periode geen meldingen."
    return (
        f"Op de {procent(SHOWN_SHARE)} van de oppervlakte die de kaart bovenaan zette kwam {procent(hit_share)} van de "
        f"meldingen, met een eenvoudige kaart was dat {procent(beside)} geweest; dit gaat over meldingen, niet over "
        "overlast."
    )
