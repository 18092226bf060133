"""What the next period will probably bring, with margins; to be shown only where that beat a naive guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nbinom

from analysis.arrays import Floats, as_counts

# Two whole years before anything is foretold, and as many trials as a year has seasons before it is believed.
MIN_SEASONS = 2
MIN_KNOWN = 8
DISCOUNTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Forecast:
    """The coming period. verwacht and both margins are NaN where the past is too short to tell.

    toonbaar: whether it may be shown, reden: why not, as a Dutch sentence. fout, fout_naief: mean absolute error over
    the same `proeven` periods of the past, of this forecast and of "the same as a year ago"; NaN without any.
    """

    verwacht: float
    laag_80: float
    hoog_80: float
    laag_95: float
    hoog_95: float
    toonbaar: bool
    reden: str
    fout: float
    fout_naief: float
    proeven: int
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def forecast(counts: ArrayLike, *, season: int = 4, breaks: Iterable[int] = ()) -> Forecast:
    """Forecast the count of the period after the last one.

    counts: (t,) of periods of equal length, oldest first; NaN where not known, hidden or not covered. season: periods
    in a year. breaks: numbers of periods from which on was counted in another way; only those after the last are used.
    ValueError for other shapes, negative counts, season below 1 and breaks outside the series.

    The mean is a level times a seasonal index. The level is the discounted mean of what the index leaves, as in the
    gamma-Poisson model of Harvey and Fernandes (1989); its discount is the one that foretold the series best, one step
    ahead. An index is the ratio to the moving year, drawn towards 1 as far as chance can explain it (empirical Bayes,
    Morris 1983). Margins are those of a negative binomial whose variance is that of the one-step errors beside the mean
    (Pearson, never below Poisson), widened as Student's t is for having few of them.
    Tested on rolling origins (Tashman 2000): at each past period the same forecast from what came before it alone,
    beside the same period a year earlier. `toonbaar` asks a smaller mean absolute error than that naive one.
    """
    series = as_counts(counts, "counts", shape=(np.size(counts),))
    if season < 1:
        raise ValueError(f"season must be at least 1, got {season}")
    cuts = sorted(set(breaks))
    if cuts and (cuts[0] < 0 or cuts[-1] > len(series)):
        raise ValueError(f"breaks must lie in the series, got {cuts}")
    used = series[cuts[-1] :] if cuts else series
    found = _fit(used, season)
    trials = _backtest(used, season)
    error, naive = (float(np.mean(column)) if len(trials) else np.nan for column in (trials[:, 0], trials[:, 1]))
    reason = _objection(found, len(trials), (error, naive), season)
    return Forecast(
        verwacht=found.mean,
        laag_80=found.quantile(0.1),
        hoog_80=found.quantile(0.9),
        laag_95=found.quantile(0.025),
        hoog_95=found.quantile(0.975),
        toonbaar=not reason,
        reden=reason,
        fout=error,
        fout_naief=naive,
        proeven=len(trials),
        uitleg="Een schatting uit het eigen verleden: het gemiddelde van de laatste tijd, met de gewone schommeling "
        "door het jaar. Wat nieuw is, zoals een actie, een nieuwe wijk of een andere manier van tellen, weet zij niet.",
        parameters={"season": season, "discount": found.discount, "dispersion": found.dispersion, "used": len(used)},
    )


@dataclass(frozen=True)
class _Fit:
    """The distribution of the next count. variance: with what is uncertain in the mean.

    dispersion: how much wider one-step errors are than chance; errors: how many of them that rests on.
    """

    mean: float
    variance: float
    discount: float
    dispersion: float
    errors: int

    def quantile(self, chance: float) -> float:
        """The smallest count with at least this chance below or at it."""
        if not np.isfinite(self.mean):
            return np.nan
        # The variance of Student's t: what few errors tell of the dispersion may be too little.
        variance = self.variance * (self.errors / (self.errors - 2) if self.errors > 3 else 3.0)
        size = self.mean**2 / max(variance - self.mean, 1e-9 * self.mean)
        return float(nbinom.ppf(chance, size, size / (size + self.mean)))


_UNKNOWN = _Fit(np.nan, np.nan, np.nan, np.nan, 0)


def _fit(series: Floats, season: int) -> _Fit:
    """The next count from what is known; unknown with fewer than MIN_SEASONS years (or MIN_KNOWN) known periods."""
    known = np.isfinite(series)
    if known.sum() < max(MIN_KNOWN, MIN_SEASONS * season) or not np.isfinite(series[-season:]).any():
        return _UNKNOWN
    index = _seasonal(series, season)
    each = index[np.arange(len(series) + 1) % season]
    candidates = [_one_step(series, each, discount) for discount in DISCOUNTS]
    scores = [np.nansum((series - mean[:-1]) ** 2 / variance[:-1]) for mean, variance in candidates]
    best = int(np.argmin(scores))
    (*_, expected), (*_, spread) = candidates[best]
    mean, variance = (column[:-1] for column in candidates[best])
    judged = np.isfinite(mean) & known
    errors = int(judged.sum())
    # The index was made of the same periods: what it took from them is given back.
    free = max(errors - _freedom(index), 1.0)
    dispersion = max(1.0, float(np.sum((series[judged] - mean[judged]) ** 2 / variance[judged]) / free))
    # Half a report: a series of noughts is no proof that nothing can come.
    likely = max(float(expected), 0.5 / float(known.sum()))
    wider = dispersion * max(float(spread), likely)
    return _Fit(likely, wider, DISCOUNTS[best], dispersion, max(1, round(free)))


def _seasonal(series: Floats, season: int) -> Floats:
    """The index of each period of the year (season,), 1 on average; drawn to 1 as far as it may be chance."""
    usual = _moving_year(series, season)
    both = np.isfinite(series) & np.isfinite(usual) & (np.nan_to_num(usual) > 0)
    if season == 1 or not both.any():
        return np.ones(season)
    place = np.flatnonzero(both) % season
    seen = np.bincount(place, series[both], minlength=season)
    base = np.bincount(place, usual[both], minlength=season)
    ratio = np.divide(seen, base, out=np.ones(season), where=base > 0)
    left = series[both] - usual[both] * ratio[place]
    noise = max(1.0, float(np.sum(left**2 / usual[both]) / max(both.sum() - season, 1)))
    chance = np.divide(noise, base, out=np.full(season, np.inf), where=base > 0)
    between = max(0.0, float(np.var(ratio, ddof=1) - chance[np.isfinite(chance)].mean()))
    index: Floats = 1 + (ratio - 1) * between / (between + chance) if between > 0 else np.ones(season)
    positive: Floats = np.maximum(index, 0.05)
    return positive / float(positive.mean())


def _moving_year(series: Floats, season: int) -> Floats:
    """The mean of the year around each period, the ends of an even year for half; of what is known of it."""
    half = season // 2
    weights = np.ones(2 * half + 1)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    padded = np.pad(series, half, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(weights))
    known = np.isfinite(windows)
    total = (weights * known).sum(axis=1)
    mean = np.divide(
        (weights * np.where(known, windows, 0)).sum(axis=1), total, out=np.full(len(series), np.nan), where=total > 0
    )
    # A part of a year holds a part of its seasons.
    mean[total < season] = np.nan
    return mean if np.isfinite(mean).any() else np.full(len(series), float(np.nanmean(series)))


def _freedom(index: Floats) -> float:
    """How many periods' worth of freedom the index takes: none when it is flat."""
    return float(len(index) - 1) if np.ptp(index) > 0 else 0.0


def _one_step(series: Floats, index: Floats, discount: float) -> tuple[Floats, Floats]:
    """What each period, and the one after the last, was foretold from those before it (t + 1,), NaN for the first of
    them; and the variance of that when the dispersion is 1. index: (t + 1,)."""
    mean, variance = np.full(len(index), np.nan), np.full(len(index), np.nan)
    first = np.flatnonzero(np.isfinite(series))[: max(2, len(series) // 4)][-1] + 1
    # Discounted sums of counts, of their index, and of that index by the square of the discount.
    counted = expected = squared = 0.0
    for at, factor in enumerate(index.tolist()):
        if at >= first:
            level = counted / expected
            mean[at] = max(level * factor, 1e-6)
            variance[at] = mean[at] + factor**2 * level * squared / expected**2
        if at < len(series):
            seen = series[at]
            known = bool(np.isfinite(seen))
            counted = discount * counted + (float(seen) if known else 0.0)
            expected = discount * expected + factor * known
            squared = discount**2 * squared + factor * known
    return mean, variance


def _backtest(series: Floats, season: int) -> Floats:
    """Absolute errors (n, 2) of the forecast and of the naive one, where both could be made and the truth is known."""
    errors = []
    for at in range(max(MIN_KNOWN, MIN_SEASONS * season), len(series)):
        found = _fit(series[:at], season)
        pair = (abs(found.mean - series[at]), abs(series[at - season] - series[at]))
        if np.isfinite(pair).all():
            errors.append(pair)
    return np.array(errors, dtype=np.float64).reshape(-1, 2)


def _objection(found: _Fit, trials: int, errors: tuple[float, float], season: int) -> str:
    """Why the forecast may not be shown; "" when it may."""
    if not np.isfinite(found.mean):
        return (
            "Het verleden is te kort: voor een verwachting zijn minstens twee volle jaren nodig die op dezelfde manier "
            "geteld zijn."
        )
    if trials < season:
        return "Er zijn te weinig perioden om de verwachting te toetsen."
    if not errors[0] < errors[1]:
        return "Een verwachting zou hier niet beter zijn dan het aantal van een jaar eerder. Daarom tonen wij er geen."
    return ""
