"""Where is need but silence: areas that report much less than their need and size would lead one to expect.

The outcome belongs on a map of its own. It is no correction of any count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2, nbinom

from analysis.arrays import Bools, Floats, as_counts, as_covered, as_values
from analysis.wording import aantal, getal, procent

# At the usual, mean estimate of the dispersion 8 % of the worlds of 25 areas without a blind spot had one; with this
# quantile 5 %, and 98 % of the areas with 0.3 × the expected 60 reports were still found (200 worlds each).
_DISPERSION_QUANTILE = 0.3
_MOST_LEFT_OUT = 1 / 3
_CELLS_AT_ONCE = 1_000_000
_ROUNDS = 20
_STEPS = 25
_EXPONENT = 30.0


@dataclass(frozen=True)
class BlindspotResult:
    """Outcome of estimate, each (n,); NaN (and never silent) where nothing could be expected.

    expected: reports of an area of this need and size, as the other areas report; low, high: where the reports
    of one area lie with chance `level`. silent: below that, also after looking at so many areas at once.
    p_value: chance of so few reports or fewer, one area by itself. fits: took part in the line that the
    expectation comes from (False: too far from it, up or down, or missing). dispersion: of the reports beyond
    chance, variance = mean + dispersion × mean². uitleg: one Dutch sentence.
    """

    expected: Floats
    low: Floats
    high: Floats
    silent: Bools
    p_value: Floats
    fits: Bools
    dispersion: float
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def estimate(
    reports: ArrayLike, need: ArrayLike, population: ArrayLike, *, covered: ArrayLike | None = None, level: float = 0.95
) -> BlindspotResult:
    """Expect the reports of each area from its need and size, and tell which areas stay far below that.

    reports, population: (n,); need: (n,) or (n, p) indicators, any unit. covered: bool (n,), None for all.
    An area that is not covered, without inhabitants or with NaN in anything takes no part. Of the rest at least
    10 and 3 × (p + 2) are needed, with at least one report, else ValueError. level: strictly between 0 and 1.

    Log-linear model with log(population) as offset (McCullagh and Nelder 1989), negative-binomial variance mean
    + dispersion × mean² with the dispersion from Pearson's statistic, at a quantile of it that errs on the wide side.
    So that a blind spot does not pull its own expectation, each area is predicted from the others; so that
    several do not hide each other, and hotspots do not hide them, areas far outside their interval leave the
    line and all is done again until no more leave, or a third would. NaN also for an area whose need nothing
    else resembles. The interval has the uncertainty of the line in it. silent: Holm (1979) over the areas,
    one-sided, 1 - level.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    counts = as_counts(reports, "reports")
    shape = (counts.size,)
    people, indicators = as_counts(population, "population", shape=shape), _as_need(need, counts.size)
    usable = as_covered(covered, shape) & np.isfinite(counts + indicators.sum(axis=1)) & (people > 0)
    _check_enough(counts[usable], indicators.shape[1])
    line = _Line.of(counts[usable], indicators[usable], np.log(people[usable]))
    found, fits = _settle(line, 1 - level)
    columns = np.full((4, counts.size), np.nan)
    tail = (1 - level) / 2
    columns[:, usable] = found.expected, found.quantile(tail), found.quantile(1 - tail), found.p_low
    expected, low, high, p_value = columns
    silent = _spread(usable, _holm(found.p_low, 1 - level))
    n, n_silent = int(usable.sum()), int(silent.sum())
    parameters = {"level": level, "n_areas": n, "n_need": indicators.shape[1], "n_left_out": int((~fits).sum())}
    return BlindspotResult(
        expected=expected,
        low=low,
        high=high,
        silent=silent,
        p_value=p_value,
        fits=_spread(usable, fits),
        dispersion=float(line.fit(fits[None].astype(np.float64)).dispersion[0]),
        uitleg=_explain(n_silent, n, counts.size - n, level),
        parameters=parameters,
    )


@dataclass(frozen=True)
class _Predictions:
    """For each of n areas what the others lead one to expect; spread: dispersion with the doubt about the line."""

    counts: Floats
    expected: Floats
    spread: Floats

    def quantile(self, chance: float) -> Floats:
        found: Floats = nbinom.ppf(chance, *self._shape())
        return found

    @property
    def p_low(self) -> Floats:
        chance: Floats = nbinom.cdf(self.counts, *self._shape())
        return chance

    @property
    def p_high(self) -> Floats:
        chance: Floats = nbinom.sf(self.counts - 1, *self._shape())
        return chance

    def _shape(self) -> tuple[Floats, Floats]:
        size = 1 / self.spread
        return size, size / (size + self.expected)


@dataclass(frozen=True)
class _Fit:
    """Outcome of b fits: beta (b, q), covariance (b, q, q), information (b, q, q), dispersion (b,)."""

    beta: Floats
    covariance: Floats
    information: Floats
    dispersion: Floats


@dataclass(frozen=True)
class _Line:
    """The model: counts (n,), design (n, q) with a first column of ones, offset (n,)."""

    counts: Floats
    design: Floats
    offset: Floats

    @classmethod
    def of(cls, counts: Floats, need: Floats, offset: Floats) -> _Line:
        centred = need - need.mean(axis=0)
        largest = np.abs(centred).max(axis=0, initial=0)
        scaled = np.divide(
            centred, largest, out=np.zeros_like(centred), where=largest > 1e-12 * np.abs(need).max(axis=0)
        )
        return cls(counts, np.column_stack([np.ones(len(counts)), scaled]), offset)

    def fit(self, weights: Floats, start: Floats | None = None) -> _Fit:
        """Fit once per row of weights (b, n), 1 for the areas that take part and 0 for the others.

        start: means (n,) to begin with; None: the same rate everywhere.
        """
        if start is None:
            start = np.exp(self.offset) * self.counts.sum() / np.exp(self.offset).sum()
        mean = np.tile(start, (len(weights), 1))
        dispersion = np.zeros(len(weights))
        for _ in range(_STEPS):
            beta, information, covariance = self._step(weights, mean, dispersion)
            before, mean = mean, self._mean(beta)
            dispersion = self._dispersion(weights, mean)
            if np.allclose(mean, before, rtol=1e-6, atol=1e-9):
                break
        return _Fit(beta, covariance, information, dispersion)

    def predict(self, fits: Bools) -> _Predictions:
        """Predict each area from the areas that fit, itself left out."""
        n = len(self.counts)
        together = self._mean(self.fit(fits[None].astype(np.float64)).beta[0])
        expected, spread = np.empty(n), np.empty(n)
        for rows in np.array_split(np.arange(n), int(np.ceil(n * n / _CELLS_AT_ONCE))):
            weights = np.tile(fits.astype(np.float64), (len(rows), 1))
            weights[np.arange(len(rows)), rows] = 0
            fit, own = self.fit(weights, together), self.design[rows]
            doubt = np.einsum("iq,iqr,ir->i", own, fit.covariance, own)
            expected[rows] = np.exp(self._exponent(np.einsum("iq,iq->i", own, fit.beta)) + self.offset[rows])
            # What the others do not span they cannot predict.
            seen = np.einsum("iqr,irs,is->iq", fit.covariance, fit.information, own)
            expected[rows[np.abs(seen - own).max(axis=1) > 1e-4]] = np.nan
            spread[rows] = np.clip(fit.dispersion + doubt, 1e-6, 1e3)
        return _Predictions(self.counts, expected, spread)

    def _step(self, weights: Floats, mean: Floats, dispersion: Floats) -> tuple[Floats, Floats, Floats]:
        b, q = len(weights), self.design.shape[1]
        certainty = weights * mean / (1 + dispersion[:, None] * mean)
        working = np.log(mean) - self.offset + (self.counts - mean) / mean
        products = (self.design[:, :, None] * self.design[:, None, :]).reshape(len(self.design), q * q)
        information: Floats = (certainty @ products).reshape(b, q, q)
        covariance = np.linalg.pinv(information, rcond=1e-10, hermitian=True).astype(np.float64)
        beta: Floats = np.einsum("bqr,br->bq", covariance, (certainty * working) @ self.design)
        return beta, information, covariance

    def _mean(self, beta: Floats) -> Floats:
        mean: Floats = np.exp(self._exponent(beta @ self.design.T) + self.offset)
        return mean

    def _exponent(self, rate: Floats) -> Floats:
        """Keep the log rate within e^30 of the overall one, where a fit that runs away does no harm."""
        usual = np.log(self.counts.sum()) - np.log(np.exp(self.offset).sum())
        kept: Floats = np.clip(rate, usual - _EXPONENT, usual + _EXPONENT)
        return kept

    def _dispersion(self, weights: Floats, mean: Floats) -> Floats:
        """Solve Pearson's statistic for the dispersion, 0 where the reports vary no more than chance."""
        squares = weights * (self.counts - mean) ** 2
        wanted = chi2.ppf(_DISPERSION_QUANTILE, weights.sum(axis=1) - self.design.shape[1])
        low, high = np.zeros(len(weights)), np.full(len(weights), 100.0)
        over = (squares / mean).sum(axis=1) > wanted
        for _ in range(30):
            middle = (low + high) / 2
            above = (squares / (mean + middle[:, None] * mean**2)).sum(axis=1) > wanted
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.where(over, high, 0.0)


def _settle(line: _Line, alpha: float) -> tuple[_Predictions, Bools]:
    """Predict, take out what lies far outside, and again, until that changes nothing."""
    fits = np.ones(len(line.counts), dtype=np.bool_)
    for _ in range(_ROUNDS):
        found = line.predict(fits)
        stay = fits & ~_holm(found.p_low, alpha) & ~_holm(found.p_high, alpha)
        if (stay == fits).all() or (~stay).mean() > _MOST_LEFT_OUT:
            break
        fits = stay
    return found, fits


def _holm(p: Floats, alpha: float) -> Bools:
    """Reject by Holm (1979); NaN is not a test."""
    order = np.argsort(p, kind="stable")
    tests = int(np.isfinite(p).sum())
    passed = p[order[:tests]] <= alpha / np.arange(tests, 0, -1)
    rejected = np.zeros(len(p), dtype=np.bool_)
    rejected[order[: int(passed.argmin()) if not passed.all() else tests]] = True
    return rejected


def _spread(usable: Bools, values: Bools) -> Bools:
    result = np.zeros(len(usable), dtype=np.bool_)
    result[usable] = values
    return result


def _as_need(need: ArrayLike, n: int) -> Floats:
    found = as_values(need, "need")
    if found.ndim not in (1, 2) or len(found) != n or found.shape[1:] == (0,):
        raise ValueError(f"need must have shape ({n},) or ({n}, p), got {found.shape}")
    return found.reshape(n, -1) if n else found.reshape(0, 1)


def _check_enough(counts: Floats, n_need: int) -> None:
    least = max(10, 3 * (n_need + 2))
    if len(counts) < least:
        raise ValueError(
            f"at least {least} areas with reports, need and inhabitants are needed for {n_need} need indicators, "
            f"got {len(counts)}"
        )
    if not counts.sum() > 0:
        raise ValueError("there are no reports at all: nothing can be expected of an area")


def _explain(n_silent: int, n: int, n_missing: int, level: float) -> str:
    missing = f" ({aantal(n_missing, 'gebied doet', 'gebieden doen')} niet mee: daar ontbreken gegevens)"
    return (
        f"In {getal(n_silent) if n_silent else 'geen'} van de {getal(n)} gebieden{missing if n_missing else ''} wordt "
        f"veel minder gemeld dan te verwachten is bij zulke kenmerken ({procent(level)} zeker); dit corrigeert geen "
        "aantallen, en stilte kan goede redenen hebben, zoals buren die het samen oplossen."
    )
