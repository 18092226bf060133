"""The two scans of the contract: over places, and over places and periods."""

from __future__ import annotations

from dataclasses import asdict

from numpy.typing import ArrayLike

from analysis.arrays import as_values
from analysis.scan.nulls import make_null
from analysis.scan.results import ScanResult, describe, explain
from analysis.scan.search import ONCE, Scan, Span, p_value
from analysis.scan.settings import Model, Settings
from analysis.scan.tables import CaseTable, make_table
from analysis.scan.windows import grow_zones


def spatial_scan(  # noqa: PLR0913 (contract)
    cases: ArrayLike,
    population: ArrayLike,
    xy: ArrayLike,
    *,
    max_share: float = 0.5,
    max_radius: float | None = None,
    variation: float = 0.0,
    n_sim: int = 999,
    seed: int = 0,
    covered: ArrayLike | None = None,
) -> ScanResult:
    """Find circles of locations with more cases than their population and chance explain.

    cases: (n,) whole numbers. population: (n,), at risk, in any unit; above 0 where there are cases.
    xy: (n, 2) in any Cartesian unit. covered: bool (n,). A location that is not covered, or NaN in cases or
    population, takes no part: not in the sums and not as a member.
    max_share: largest share of the covered population in a circle, inclusive, above 0 and at most 1.
    max_radius: largest radius in the unit of xy, inclusive. Locations at the same distance enter together.
    variation: squared coefficient of variation of the rates of locations that counts as usual (see
    rates.usual_variation); 0: every difference beyond chance counts. It changes the p-values only.
    n_sim: most simulations that are run; fewer when p is clearly above 0.05 (parameters["n_sim_run"]).
    Clusters share no location, most likely first, at most 50; each p counts all circles that were tried, and
    is at least 1 / (n_sim + 1). Without cases, or in one location, there are none.
    ValueError for other shapes, infinite, negative or broken counts, and limits that make no sense.
    Method: Kulldorff (1997), high rates only; early stop by Besag and Clifford (1991); variation
    after Loh and Zhu (2007).
    """
    settings = Settings(max_share, max_radius, n_sim, seed, variation=variation).check()
    return _run(spatial_table(cases, population, xy, covered), ONCE, settings)


def space_time_scan(  # noqa: PLR0913 (contract)
    cases: ArrayLike,
    population: ArrayLike | None,
    xy: ArrayLike,
    *,
    model: Model = "poisson",
    max_share: float = 0.5,
    max_radius: float | None = None,
    max_duration: int | None = None,
    prospective: bool = False,
    n_sim: int = 999,
    seed: int = 0,
    covered: ArrayLike | None = None,
) -> ScanResult:
    """Find circles of locations that hold more cases than expected during some periods.

    cases: (n, n_periods) whole numbers, oldest period first.
    model: "poisson" expects cases in proportion to population, (n,) or (n, n_periods); "permutation" expects each
    location to follow the periods of all, needs population None, and is blind to a place that is always high and
    to a period that is high everywhere.
    covered: bool (n, n_periods), or (n,) for all periods alike. A cell that is not covered, or NaN, leaves
    observed, expected and the simulations; the permutation model then compares locations only with those of the
    same pattern of coverage. A location without any covered period in a cluster is not a member of it.
    max_share: as in spatial_scan, of the population summed over covered cells, or of the cases for
    "permutation".
    max_duration: most periods in a window, inclusive; None: half of them, rounded down, at least 1.
    prospective: only windows that end with the last period, with the recurrence interval.
    The rest is as in spatial_scan.
    Method: Kulldorff (2001), and for "permutation" Kulldorff et al. (2005).
    """
    counts = as_values(cases, "cases")
    if counts.ndim != 2:
        raise ValueError(f"cases must have shape (n, n_periods), got {counts.shape}")
    n_periods = counts.shape[1]
    duration = max(1, n_periods // 2) if max_duration is None else max_duration
    settings = Settings(max_share, max_radius, n_sim, seed, model, duration, prospective).check()
    if (population is None) != (model == "permutation"):
        raise ValueError("population must be given for the Poisson model, and None for the permutation model")
    span = Span(n_periods, min(int(duration), n_periods), to_the_end=prospective)
    return _run(make_table(counts, population, xy, covered), span, settings)


def spatial_table(cases: ArrayLike, population: ArrayLike, xy: ArrayLike, covered: ArrayLike | None) -> CaseTable:
    """Return the table of cases (n,): one period."""
    counts = as_values(cases, "cases")
    if counts.ndim != 1:
        raise ValueError(f"cases must have shape (n,), got {counts.shape}")
    return make_table(counts[:, None], population, xy, covered)


def _run(table: CaseTable, span: Span, settings: Settings) -> ScanResult:
    clusters = []
    n_sim_run = 0
    if table.total:
        null = make_null(table, span.n_columns, settings.model, variation=settings.variation)
        zones = grow_zones(table.points, null.weights, settings.max_share, settings.max_radius)
        scan = Scan(table, null, span, zones)
        found = scan.find()
        if found:
            maxima = scan.simulate(found[0].llr, settings.n_sim, settings.seed)
            n_sim_run = len(maxima)
            clusters = [describe(one, table, p_value(maxima, one.llr, settings.n_sim), settings) for one in found]
    return ScanResult(clusters, explain(clusters, settings), asdict(settings) | {"n_sim_run": n_sim_run})
