"""Did it work, or did it move? One path from counts of areas by period to a verdict with all that stands beside it.

The website, the statistical proof and the published examples go through `evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from analysis.arrays import Bools, as_counts, as_covered
from analysis.displacement.arms import ARM_NAMES, Arms, Ask, choose_arms
from analysis.displacement.checks import Detectable, RegressionToMean, regression_to_mean, smallest_detectable
from analysis.displacement.series import DidResult, PlaceboResult, did, placebo
from analysis.displacement.verdict import Kind, Reason, Verdict, not_established, verdict
from analysis.displacement.wdd import Part, WddResult, wdd, wdq
from analysis.displacement.windows import Action, Windows, choose_windows
from analysis.wording import aantal

# How many years before the action are its past, when that is known; and which part of the areas that may serve for
# comparison must be known all that time.
YEARS_BEFORE, KEPT = 3, 0.75
# Periods of the past beside those before the action, in years, that tell whether it began at a peak.
_PAST_YEARS = 2


@dataclass(frozen=True)
class Break:
    """On this day another way of registering begins, in these areas (n,); None: in all."""

    day: np.datetime64
    areas: Bools | None = None


@dataclass(frozen=True)
class Observed:
    """What was counted. counts (n_areas, n_periods); starts, ends (n_periods,) days, oldest period first.

    covered, visible: bool (n_areas, n_periods), None: all; a count that is not covered by its source, or that the
    viewer may not see, takes no part whatever stands there. breaks: of the source. indicators: (n_areas, k) shares
    and ratios to find comparable areas by, NaN = missing; None: areas are taken in their order.
    """

    counts: ArrayLike
    starts: ArrayLike
    ends: ArrayLike
    covered: ArrayLike | None = None
    visible: ArrayLike | None = None
    breaks: Sequence[Break] = ()
    indicators: ArrayLike | None = None


@dataclass(frozen=True)
class Design:
    """What was done where, and what it is held against. Masks are bool (n_areas,).

    rings: surroundings by name, of which `around` is the one in which displacement is judged (None: none is).
    candidates: areas that may serve for comparison. control, around_control: those that must; None: chosen from the
    candidates. sizes: (n_areas,) weights of areas, summed per arm, as the published examples have them; None: an arm
    weighs what it counted before the action, so that a change of the control by a share is expected as that share.
    """

    action: Action
    treated: Bools
    rings: Mapping[str, Bools] = field(default_factory=dict)
    around: str | None = None
    candidates: Bools | None = None
    control: Bools | None = None
    around_control: Bools | None = None
    sizes: ArrayLike | None = None


@dataclass(frozen=True)
class RingResult:
    """One ring. before (a mean where there are more years), after: counts; expected: after the action, had it changed
    as its control did.

    part: the difference with its interval. areas: indices that took part.
    """

    name: str
    areas: tuple[int, ...]
    before: float
    after: float
    expected: float
    part: Part


@dataclass(frozen=True)
class Evaluation:
    """A verdict with everything it rests on. None or NaN: could not be computed; `uitleg` says what came out.

    arms: per arm (control, treated, displacement_control, displacement_treated) the areas that took part.
    left_out: areas (index) that would have taken part and why they did not: "niet gedekt", "verborgen", "trendbreuk",
    or "sprong" for one that might have served for comparison and changed by itself. did, placebo: of the treated areas
    and their control. rings: all of the design.
    """

    verdict: Verdict
    windows: Windows | None
    arms: Mapping[str, tuple[int, ...]]
    left_out: Mapping[int, str]
    wdd: WddResult | None
    wdq: float
    did: DidResult | None
    placebo: PlaceboResult | None
    regression: RegressionToMean | None
    detectable: Detectable | None
    rings: tuple[RingResult, ...]
    uitleg: str
    parameters: Mapping[str, object]

    @property
    def kind(self) -> Kind:
        return self.verdict.kind

    @property
    def supported(self) -> bool | None:
        """Whether the series by itself shows the change that the verdict tells; None where that is not asked."""
        if self.kind not in ("afgenomen", "verplaatst", "uitgestraald") or self.did is None:
            return None
        return self.did.interval[1] < 1


def evaluate(
    observed: Observed, design: Design, *, margin: float = 0.2, n_sim: int = 199, seed: int = 0, series: bool = True
) -> Evaluation:
    """Judge an action by two periods (wdd, wdq), by the course of single areas (did, placebo) and by its rings.

    margin: as in verdict. n_sim, seed: of the placebo areas. series=False leaves did and placebo out.
    Areas with a count that is hidden or not covered in the periods used take no part and are named. Nothing is
    compared across a trend break unless it changed every area alike; then each part must also hold as a share.
    ValueError: shapes that do not fit, no treated area, or an unknown ring.
    """
    asked = _check(observed, design)
    parameters = {"margin": margin, "n_sim": n_sim, "seed": seed, "around": design.around, "action": design.action}
    windows = _windows(asked, design)
    if windows is None:
        lacking = bool(asked.covered[asked.treated].all())
        return _nothing("te kort" if lacking else "niet gedekt", windows, {}, parameters)
    arms = choose_arms(asked, windows)
    if not arms.treated:
        return _nothing(_why_none(arms, asked.treated), windows, arms.left_out, parameters)
    if not arms.control:
        alone = windows.across and not all(areas.all() for areas in asked.broken(windows))
        return _nothing("trendbreuk" if alone else "geen vergelijking", windows, arms.left_out, parameters)
    result = _weigh(asked, arms, windows)
    judged = verdict(result, margin=margin, trend_break=windows.across, shared_break=arms.shared_break)
    found, placebos = _series(asked, arms, windows, n_sim=n_sim, seed=seed) if series else (None, None)
    counts = result.counts
    quotient = wdq(counts[1], counts[3], counts[0]) if len(counts) == 4 else math.nan
    return Evaluation(
        verdict=judged,
        windows=windows,
        arms=arms.named(),
        left_out=arms.left_out,
        wdd=result,
        wdq=quotient,
        did=found,
        placebo=placebos,
        regression=_peak(asked, arms, windows),
        detectable=_detectable(asked, arms, windows),
        rings=tuple(_ring(asked, arms, windows, name) for name in design.rings),
        uitleg=_explain(judged, windows, arms),
        parameters=parameters,
    )


def _check(observed: Observed, design: Design) -> Ask:
    counts = as_counts(observed.counts, "counts")
    if counts.ndim != 2:
        raise ValueError(f"counts must have shape (n_areas, n_periods), got {counts.shape}")
    n = len(counts)
    covered, visible = as_covered(observed.covered, counts.shape), as_covered(observed.visible, counts.shape)
    treated = as_covered(design.treated, (n,))
    if not treated.any():
        raise ValueError("at least one area must be treated")
    if design.around is not None and design.around not in design.rings:
        raise ValueError(f"unknown ring {design.around!r}")
    rings = {name: as_covered(mask, (n,)) & ~treated for name, mask in design.rings.items()}
    around = rings[design.around] if design.around is not None else np.zeros(n, dtype=np.bool_)
    indicators = None if observed.indicators is None else np.array(observed.indicators, dtype=np.float64)
    if indicators is not None and indicators.shape[:1] != (n,):
        raise ValueError(f"indicators must have {n} rows, got {indicators.shape}")
    return Ask(
        counts=np.where(covered & visible, counts, np.nan),
        starts=np.asarray(observed.starts, dtype="datetime64[D]"),
        ends=np.asarray(observed.ends, dtype="datetime64[D]"),
        covered=covered,
        visible=visible,
        breaks=[(item.day, as_covered(item.areas, (n,))) for item in observed.breaks],
        treated=treated,
        around=around,
        rings=rings,
        candidates=~treated & ~around & as_covered(design.candidates, (n,)),
        control=_fixed(design.control, treated, n),
        around_control=_fixed(design.around_control, treated, n),
        indicators=indicators,
        sizes=None if design.sizes is None else as_counts(design.sizes, "sizes", shape=(n,)),
    )


def _fixed(mask: Bools | None, treated: Bools, n: int) -> Bools | None:
    if mask is None:
        return None
    found = as_covered(mask, (n,))
    if (found & treated).any():
        raise ValueError("an area cannot be treated and serve for comparison")
    return found


def _windows(asked: Ask, design: Design) -> Windows | None:
    """The periods; one in which the source misses more than half of the treated areas is no period to compare.

    As long a past as costs no area that is judged, and no more than a quarter of those that may serve for comparison.
    """
    judged = asked.treated | asked.around
    breaks = [day for day, areas in asked.breaks if (areas & judged).any()]
    usable = asked.covered[asked.treated].mean(axis=0) >= 0.5

    def back(years: int) -> Windows | None:
        return choose_windows(asked.starts, asked.ends, design.action, breaks=breaks, usable=usable, years=years)

    shortest = back(1)
    if shortest is None:
        return None
    complete = asked.complete(shortest)
    fixed = [mask for mask in (asked.control, asked.around_control) if mask is not None]
    needed = np.logical_or.reduce([judged, *fixed])
    for years in range(YEARS_BEFORE, 1, -1):
        longer = back(years)
        if longer is None or not longer.earlier:
            break
        kept = asked.complete(longer)[complete]
        if kept[needed[complete]].all() and kept[asked.candidates[complete]].mean() >= KEPT:
            return longer
    return shortest


def _why_none(arms: Arms, treated: Bools) -> Reason:
    reasons = {arms.left_out.get(int(index)) for index in np.flatnonzero(treated)}
    return "verborgen" if "verborgen" in reasons else "niet gedekt"


def _pairs(asked: Ask, areas: Sequence[int], windows: Windows) -> tuple[float, float]:
    """Counts of these areas together, in all years before and after."""
    part = asked.counts[list(areas)]
    return float(part[:, list(windows.baseline)].sum()), float(part[:, list(windows.after)].sum())


def _weigh(asked: Ask, arms: Arms, windows: Windows) -> WddResult:
    pairs = [_pairs(asked, areas, windows) for areas in arms.given]
    return wdd(*pairs, area_weights=_weights(asked, arms, windows), time_weights=windows.lengths)


def _weights(asked: Ask, arms: Arms, windows: Windows) -> list[float]:
    """The size of each arm: given, or how much it counts in all that is known from before the action, relative to
    the arm that it is held against."""
    if asked.sizes is not None:
        return [float(asked.sizes[list(areas)].sum()) for areas in arms.given]
    found = []
    for control, own in zip(arms.given[::2], arms.given[1::2], strict=True):
        found += [_ratio(asked, control, own, windows), 1.0]
    return found


def _ratio(asked: Ask, control: Sequence[int], own: Sequence[int], windows: Windows) -> float:
    """How many times as much the control counts as the arm itself, in the periods before the action that all of them
    know. Half a report each keeps it a positive number."""
    known = asked.known_before(windows, (*control, *own))
    return (float(asked.counts[list(control)][:, known].sum()) + 0.5) / (
        float(asked.counts[list(own)][:, known].sum()) + 0.5
    )


def _detectable(asked: Ask, arms: Arms, windows: Windows) -> Detectable | None:
    (control, _), (treated, _) = (_pairs(asked, areas, windows) for areas in arms.given[:2])
    weights = _weights(asked, arms, windows)[:2]
    return (
        smallest_detectable(control, treated, area_weights=weights, time_weights=windows.lengths) if treated else None
    )


def _series(
    asked: Ask, arms: Arms, windows: Windows, *, n_sim: int, seed: int
) -> tuple[DidResult | None, PlaceboResult | None]:
    frame = _frame(asked, arms, windows)
    if frame is None:
        return None, None
    breaks = _codes(asked, windows) if windows.across else []
    shared = arms.shared_break
    # Hundreds of small fits: the threads of the algebra library would wait for each other for longer than they compute.
    with threadpool_limits(1, user_api="blas"):
        found = did(frame, breaks=breaks, shared_break=shared)
        around = placebo(frame, breaks=breaks, shared_break=shared, n_sim=n_sim, seed=seed) if n_sim else None
    return found, around


def _frame(asked: Ask, arms: Arms, windows: Windows) -> pd.DataFrame | None:
    """Rows per area and period of the treated areas and their control; None when they are too few to tell."""
    areas, periods = [*arms.treated, *arms.control], [*windows.all]
    if len(areas) < 3:
        return None
    area, period = np.meshgrid(areas, periods, indexing="ij")
    return pd.DataFrame(
        {
            "area": area.ravel(),
            "period": period.ravel(),
            "treated": np.isin(area.ravel(), arms.treated),
            "after": np.isin(period.ravel(), windows.after),
            "count": asked.counts[area.ravel(), period.ravel()],
        }
    )


def _codes(asked: Ask, windows: Windows) -> list[int]:
    """The first used period at or after each break between the periods."""
    used = sorted(windows.all)
    found = (next((index for index in used if asked.starts[index] >= day), None) for day, _ in asked.breaks)
    return [index for index in found if index is not None and index != used[0]]


def _ring(asked: Ask, arms: Arms, windows: Windows, name: str) -> RingResult:
    areas = arms.rings[name]
    control = arms.displacement_control or arms.control
    control = tuple(index for index in control if index not in areas)
    if not areas or not control:
        nan = math.nan
        return RingResult(name, areas, nan, nan, nan, Part(nan, nan, (nan, nan)))
    before, after = _pairs(asked, areas, windows)
    sizes = asked.sizes
    weight = (
        _ratio(asked, control, areas, windows)
        if sizes is None
        else float(sizes[list(control)].sum() / sizes[list(areas)].sum())
    )
    pairs = _pairs(asked, control, windows), (before, after)
    part = wdd(*pairs, area_weights=(weight, 1), time_weights=windows.lengths).local
    return RingResult(name, areas, before / windows.lengths[0], after, after - part.estimate, part)


def _peak(asked: Ask, arms: Arms, windows: Windows) -> RegressionToMean | None:
    """Whether the action began at a peak: the treated areas beside their control, before it and in the years before.

    Counts are divided by the course of the control, which takes out seasons and whatever changed everywhere.
    """
    areas = (*arms.treated, *arms.control)
    known = asked.known_before(windows, areas, across_shared=True)
    year = max(1, round(365.25 / float(np.median((asked.ends - asked.starts).astype(np.int64) + 1))))
    recent = np.isin(np.arange(len(known)), windows.before)
    past = known & (np.arange(len(known)) < min(windows.before))
    past &= np.cumsum(past[::-1])[::-1] <= _PAST_YEARS * year
    course = asked.counts[list(arms.control)].sum(axis=0)
    past &= np.nan_to_num(course) > 0
    if past.sum() < max(2, year // 2) or not (course[recent] > 0).all():
        return None
    mean, own = course[past | recent].mean(), asked.counts[list(arms.treated)].sum(axis=0)
    return regression_to_mean(*(own[part] * mean / course[part] for part in (past, recent)))


def _nothing(
    reason: Reason, windows: Windows | None, left_out: Mapping[int, str], parameters: Mapping[str, object]
) -> Evaluation:
    judged = not_established(reason)
    nothing = dict.fromkeys(ARM_NAMES, ())
    rest = (math.nan, None, None, None, None, ())
    return Evaluation(judged, windows, nothing, left_out, None, *rest, judged.uitleg, parameters)


def _explain(judged: Verdict, windows: Windows, arms: Arms) -> str:
    parts = [judged.uitleg, windows.uitleg]
    n = len(arms.control)
    parts.append(f"Het gebied is vergeleken met {aantal(n, 'gebied dat erop lijkt', 'gebieden die erop lijken')}.")
    if windows.across:
        parts.append("Daartussen ligt een trendbreuk die alle gebieden gelijk raakt; daarom is strenger getoetst.")
    missing = [index for index in arms.left_out if arms.left_out[index] in ("niet gedekt", "verborgen")]
    if missing:
        parts.append(f"Van {aantal(len(missing), 'gebied', 'gebieden')} ontbreken cijfers; die doen niet mee.")
    return " ".join(parts)
