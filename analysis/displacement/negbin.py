"""Negative binomial regression with a log link: the fit at a given alpha, and alpha itself by moments.

Variance = mean + alpha * mean²; alpha 0 is Poisson. Own code, because a profile interval and placebo areas need
hundreds of fits and outcomes of 0 must end in a limit: same coefficients and deviance as statsmodels (see the
tests), without its start-up time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy

from analysis.arrays import Floats

_MOST_ALPHA = 100.0
_STEPS = 100
_TOLERANCE = 1e-10
# A mean of 0 has no logarithm: fits that head for it stop here, where nothing moves any more.
_FURTHEST = 30.0
_RIDGE = 1e-11


@dataclass(frozen=True)
class Fit:
    """`beta` (k,), `mean` (n,), `weight` (n,) of the last step, `deviance`."""

    beta: Floats
    mean: Floats
    weight: Floats
    deviance: float


def fit(counts: Floats, design: Floats, *, alpha: float, offset: Floats) -> Fit:
    """Return the maximum likelihood fit of counts (n,) >= 0 on design (n, k), by reweighted least squares.

    A design with dependent columns has no single beta; mean and deviance are right all the same.
    """
    eta: Floats = np.log(counts + 0.5)
    beta: Floats = np.zeros(design.shape[1])
    best = np.inf
    for _ in range(_STEPS):
        mean = np.exp(eta)
        weight = mean / (1 + alpha * mean)
        cross = (design.T * weight) @ design
        cross[np.diag_indices_from(cross)] += _RIDGE * max(1.0, float(weight.max()))
        working = eta - offset + (counts - mean) / mean
        target = np.linalg.solve(cross, (design.T * weight) @ working).astype(np.float64)
        beta, eta, found = _step(counts, design, (beta, target, best), alpha, offset)
        if abs(best - found) <= _TOLERANCE * (1 + abs(found)):
            break
        best = found
    mean = np.exp(eta)
    return Fit(beta, mean, mean / (1 + alpha * mean), found)


def estimate_alpha(counts: Floats, design: Floats, *, offset: Floats) -> float:
    """Return the alpha (0 or more) at which Pearson's chi-square equals its degrees of freedom.

    Moments, not likelihood: with a level per area and per period the latter comes out far too low.
    Method: Breslow (1984).
    """
    degrees = len(counts) - int(np.linalg.matrix_rank(design))

    def excess(alpha: float) -> float:
        mean = fit(counts, design, alpha=alpha, offset=offset).mean
        return float(((counts - mean) ** 2 / (mean + alpha * mean**2)).sum()) - degrees

    if degrees <= 0 or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, _MOST_ALPHA, xtol=1e-6)) if excess(_MOST_ALPHA) < 0 else _MOST_ALPHA


def _step(
    counts: Floats, design: Floats, state: tuple[Floats, Floats, float], alpha: float, offset: Floats
) -> tuple[Floats, Floats, float]:
    """Return beta, eta and deviance after a step to the target, halved as long as it makes things worse."""
    beta, target, best = state
    for _ in range(20):
        eta = np.clip(design @ target + offset, -_FURTHEST, _FURTHEST)
        found = _deviance(counts, np.exp(eta), alpha)
        if found <= best + _TOLERANCE * (1 + abs(found)):
            break
        target = (beta + target) / 2
    return target, eta, found


def _deviance(counts: Floats, mean: Floats, alpha: float) -> float:
    terms = xlogy(counts, counts) - xlogy(counts, mean)
    if alpha > 0:
        terms -= (counts + 1 / alpha) * (np.log1p(alpha * counts) - np.log1p(alpha * mean))
    else:
        terms -= counts - mean
    return float(2 * terms.sum())
