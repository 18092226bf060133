"""How large a cluster may be: the largest share of the population that describes the clusters best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arrays import Floats
from analysis.scan.methods import spatial_table
from analysis.scan.nulls import make_null
from analysis.scan.search import ALPHA, ONCE, Found, Scan, p_value
from analysis.scan.settings import Settings
from analysis.scan.windows import grow_zones
from analysis.wording import getal, procent

SHARES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)


@dataclass(frozen=True)
class GiniResult:
    """Outcome of gini_max_share: the chosen max_share, and gini (k,) per candidate of shares (k,)."""

    max_share: float
    shares: Floats
    gini: Floats
    uitleg: str
    parameters: Mapping[str, object]


def gini_max_share(  # noqa: PLR0913 (the limits of spatial_scan)
    cases: ArrayLike,
    population: ArrayLike,
    xy: ArrayLike,
    *,
    shares: Sequence[float] = SHARES,
    max_radius: float | None = None,
    n_sim: int = 999,
    seed: int = 0,
    covered: ArrayLike | None = None,
) -> GiniResult:
    """Choose max_share for spatial_scan: small windows miss a wide cluster, large ones swallow what lies between.

    For each candidate: the Gini coefficient of cases over expected cases, with each cluster of p ≤ 0.05 as one
    group and all other locations as one more; 0 without such clusters. The candidate with the highest
    coefficient is chosen, the largest of equals. Every p is taken against the simulations of the largest
    candidate, so that trying them all costs no false alarms.
    shares: candidates, each above 0 and at most 1. The other arguments are those of spatial_scan.
    Method: Han et al. (2016).
    """
    candidates = np.unique(np.asarray(shares, dtype=np.float64))
    if not candidates.size:
        raise ValueError("shares must hold at least one candidate")
    settings = [Settings(float(share), max_radius, n_sim, seed).check() for share in candidates]
    table = spatial_table(cases, population, xy, covered)
    gini = np.zeros(len(candidates))
    if table.total:
        null = make_null(table, 1, "poisson")
        scans = [
            Scan(table, null, ONCE, grow_zones(table.points, null.weights, one.max_share, max_radius))
            for one in settings
        ]
        found = [scan.find() for scan in scans]
        if found[-1]:
            maxima = scans[-1].simulate(found[-1][0].llr, n_sim, seed)
            for row, each in enumerate(found):
                clear = [one for one in each if p_value(maxima, one.llr, n_sim) <= ALPHA]
                gini[row] = _gini(clear, table.total)
    best = len(gini) - 1 - int(gini[::-1].argmax())
    parameters = {"max_radius": max_radius, "n_sim": n_sim, "seed": seed}
    chosen = float(candidates[best])
    return GiniResult(chosen, candidates, gini, _explain(chosen, float(gini[best])), parameters)


def _gini(clusters: Sequence[Found], total: int) -> float:
    """Return twice the area between the diagonal and the Lorenz curve, steepest group first."""
    cases = np.array([one.cases for one in clusters])
    expected = np.array([one.expected for one in clusters])
    steepest = np.argsort(-cases / expected, kind="stable") if len(clusters) else np.empty(0, dtype=np.int64)
    high = np.concatenate([[0.0], np.cumsum(cases[steepest]), [total]]) / total
    wide = np.concatenate([[0.0], np.cumsum(expected[steepest]), [total]]) / total
    return float(((high[1:] + high[:-1]) * np.diff(wide)).sum() - 1)


def _explain(chosen: float, gini: float) -> str:
    if gini <= 0:
        return (
            f"Met geen enkele grens is een duidelijk cluster gevonden; {procent(chosen)} van de bevolking is de "
            "ruimste grens die is geprobeerd, en dit zegt niet dat er niets aan de hand is."
        )
    return (
        f"Met clusters van hoogstens {procent(chosen)} van de bevolking scheiden de gevonden clusters hoge en gewone "
        f"plekken het scherpst (Gini {getal(gini, 2)}); dit kiest alleen hoe groot een cluster mag zijn."
    )
