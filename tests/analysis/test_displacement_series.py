"""Series of areas: the fit equals statsmodels, the level holds in null worlds, gaps and breaks are never a change."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom

from analysis.displacement import did, placebo
from analysis.displacement.negbin import estimate_alpha, fit


def as_frame(counts, *, n_treated=1):
    """Rows per area and period of counts (n_areas, n_periods); the first areas are treated halfway."""
    begin = counts.shape[1] // 2
    area, period = np.indices(counts.shape)
    return pd.DataFrame(
        {
            "area": [f"gebied-{index:02}" for index in area.ravel()],
            "period": period.ravel(),
            "treated": area.ravel() < n_treated,
            "after": period.ravel() >= begin,
            "count": counts.ravel().astype(float),
        }
    )


def world(seed, shape, mean, *, alpha=0.0, swing=0.0, effect=1.0):
    """Counts of areas of unequal size with a common rhythm; alpha: spread per count (gamma).

    swing: standard deviation of a slow, autocorrelated (0.6 per period) movement of every area by itself.
    """
    rng = np.random.default_rng(seed)
    sizes = mean * np.exp(rng.normal(0, 0.4, shape[0]))
    sizes[0] = mean
    slow = rng.normal(0, swing, shape)
    for period in range(1, shape[1]):
        slow[:, period] = 0.6 * slow[:, period - 1] + 0.8 * slow[:, period]
    expected = sizes[:, None] * np.exp(slow + rng.normal(0, 0.15, shape[1]))
    expected[0, shape[1] // 2 :] *= effect
    if alpha:
        expected *= rng.gamma(1 / alpha, alpha, shape)
    return as_frame(rng.poisson(expected))


def numbers(result):
    return (result.rate_ratio, *result.interval, result.p_value)


@pytest.mark.parametrize("alpha", [0.0, 0.08, 1.5])
def test_the_fit_equals_statsmodels(alpha):
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(120), rng.normal(size=(120, 3))])
    offset = rng.normal(0, 0.3, 120)
    counts = rng.poisson(np.exp(design @ [1.5, 0.4, -0.3, 0.1] + offset)).astype(float)
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha else sm.families.Poisson()
    reference = sm.GLM(counts, design, family=family, offset=offset).fit(tol=1e-12)
    found = fit(counts, design, alpha=alpha, offset=offset)
    np.testing.assert_allclose(found.beta, reference.params, rtol=1e-6)
    np.testing.assert_allclose(found.deviance, reference.deviance, rtol=1e-8)
    np.testing.assert_allclose(found.mean, reference.mu, rtol=1e-6)


def test_alpha_is_found_back():
    rng = np.random.default_rng(3)
    counts = rng.poisson(20 * rng.gamma(1 / 0.3, 0.3, 3000)).astype(float)
    assert estimate_alpha(counts, np.ones((3000, 1)), offset=np.zeros(3000)) == pytest.approx(0.3, abs=0.03)
    assert estimate_alpha(np.full(9, 4.0), np.ones((9, 1)), offset=np.zeros(9)) == 0


def test_two_by_two_is_the_plain_ratio():
    frame = as_frame(np.array([[100, 60], [100, 110], [200, 220], [50, 55]]))
    assert did(frame).rate_ratio == pytest.approx(0.6 / 1.1)


def test_exposure_divides():
    frame = world(1, (6, 12), 30)
    plain = did(frame)
    frame["exposure"] = 1.0
    assert numbers(did(frame)) == pytest.approx(numbers(plain))
    # An area that was only open half the time afterwards, and counted half as much, did not change.
    half = frame["treated"] & frame["after"]
    frame.loc[half, "exposure"], frame.loc[half, "count"] = 0.5, frame.loc[half, "count"] / 2
    assert did(frame).rate_ratio == pytest.approx(plain.rate_ratio, rel=0.1)


@given(st.integers(0, 1000), st.floats(0.2, 5))
@settings(deadline=None, max_examples=10)
def test_order_unit_and_names_play_no_part(seed, unit):
    frame = world(seed, (6, 8), 15, alpha=0.1)
    expected = numbers(did(frame))
    before = frame.copy()
    rng = np.random.default_rng(seed)
    mixed = frame.assign(exposure=unit, area=frame["area"].map(hash), period=pd.Timestamp("2026-01-01"))
    mixed["period"] += pd.to_timedelta(frame["period"] * 7, unit="D")
    assert numbers(did(mixed.iloc[rng.permutation(len(mixed))])) == pytest.approx(expected, rel=1e-4)
    pd.testing.assert_frame_equal(frame, before)


@given(arrays(np.int64, (5, 6), elements=st.sampled_from([0, 0, 0, 1, 3, 40])), st.integers(1, 3))
@settings(deadline=None, max_examples=25)
def test_every_frame_gives_a_defined_answer(counts, n_treated):
    found = did(as_frame(counts, n_treated=n_treated))
    if math.isnan(found.rate_ratio):
        assert math.isnan(found.p_value)
        assert found.uitleg.startswith("Niet vast te stellen")
    elif found.degrees:
        assert 0 <= found.p_value <= 1 + 1e-9
        assert found.interval[0] <= found.rate_ratio <= found.interval[1]
        assert (found.p_value < 0.05) == (not found.interval[0] <= 1 <= found.interval[1]) or (
            found.p_value == pytest.approx(0.05, abs=1e-3)
        )
    assert 0 < placebo(as_frame(counts, n_treated=n_treated)).p_value <= 1 or math.isnan(found.rate_ratio)


def test_all_equal_and_a_fall_to_nothing():
    same = did(as_frame(np.full((6, 8), 5)))
    assert same.rate_ratio == pytest.approx(1)
    assert same.interval[0] < 1 < same.interval[1]
    counts = np.full((6, 8), 20)
    counts[0, 4:] = 0
    gone = did(as_frame(counts))
    assert (gone.rate_ratio, gone.interval[0]) == (0, 0)
    assert gone.interval[1] < 0.2
    rose = np.full((6, 8), 20)
    rose[0, :4] = 0
    assert did(as_frame(rose)).interval[1] == math.inf


def test_too_few_areas_give_no_interval():
    found = did(world(1, (2, 12), 20))
    assert found.rate_ratio > 0
    assert math.isnan(found.interval[0])
    assert "te weinig vergelijkingsgebieden" in found.uitleg


def test_uncovered_is_missing_and_never_a_fall():
    frame = world(5, (8, 12), 25)
    gap = (frame["area"] == "gebied-00") & (frame["period"] >= 9)
    emptied = frame.assign(count=frame["count"].where(~gap, 0))
    assert did(emptied).interval[1] < 1
    expected = numbers(did(frame[~gap]))
    assert numbers(did(emptied, covered=(~gap).to_numpy())) == expected
    assert numbers(did(frame.assign(count=frame["count"].where(~gap)))) == expected
    assert did(emptied, covered=(~gap).to_numpy()).interval[1] > 1
    whole_period = (~(frame["treated"] & frame["after"])).to_numpy()
    assert math.isnan(did(frame, covered=whole_period).rate_ratio)
    assert math.isnan(placebo(frame, covered=whole_period).p_value)
    # A comparison area that is not covered throughout does not disturb the others either.
    control_gap = (frame["area"] == "gebied-03") & frame["after"]
    cut = did(frame.assign(count=frame["count"].where(~control_gap, 0)), covered=(~control_gap).to_numpy())
    assert cut.degrees == 5
    assert cut.interval[0] < 1 < cut.interval[1]


def test_a_trend_break_is_not_an_effect():
    frame = world(6, (8, 16), 40)
    broken = frame.assign(
        count=np.where(frame["treated"] & frame["after"], np.rint(frame["count"] / 2), frame["count"])
    )
    assert did(broken).interval[1] < 1
    assert math.isnan(did(broken, breaks=[8]).rate_ratio)
    # A break two periods after the start leaves those two to compare with what lies before.
    later = frame.assign(count=np.where(frame["treated"] & (frame["period"] >= 10), 3, frame["count"]))
    assert did(later).interval[1] < 1
    split = did(later, breaks=[10])
    assert split.interval[0] < 1 < split.interval[1]
    shared = frame.assign(count=np.where(frame["after"], np.rint(frame["count"] / 2), frame["count"]))
    assert did(shared, breaks=[8], shared_break=True).rate_ratio == pytest.approx(did(frame).rate_ratio, rel=0.15)


def test_placebo_areas():
    frame = world(7, (9, 16), 40, effect=0.3)
    found = placebo(frame)
    assert found.p_value == pytest.approx(1 / 9)
    assert len(found.rate_ratios) == 9
    assert found.rate_ratios[("gebied-00",)] == pytest.approx(did(frame).rate_ratio, rel=0.1)
    assert "hoe minder gebieden" in found.uitleg
    two = as_frame(np.random.default_rng(1).poisson(20, (6, 8)), n_treated=2)
    assert len(placebo(two).rate_ratios) == 15
    some = placebo(two, n_sim=8, seed=3)
    assert some == placebo(two, n_sim=8, seed=3)
    assert 1 / 9 <= some.p_value <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="after"), "no column after"),
        (lambda frame: frame.assign(count=-1.0), "below zero"),
        (lambda frame: frame.assign(count=math.inf), "infinite"),
        (lambda frame: frame.assign(treated=1), "booleans"),
        (lambda frame: frame.assign(treated=frame["after"]), "same in all rows of one area"),
        (lambda frame: frame.assign(treated=False), "true for some"),
        (lambda frame: pd.concat([frame, frame]), "one row per area"),
        (lambda frame: frame.assign(exposure=0.0), "exposure"),
        (lambda frame: frame.iloc[:0], "booleans|true for some"),
    ],
)
def test_clear_errors(change, message):
    with pytest.raises(ValueError, match=message):
        did(change(world(1, (4, 6), 10)))


NULL_WORLDS = {
    "poisson": {},
    "overdispersed": {"alpha": 0.1},
    "autocorrelated": {"alpha": 0.05, "swing": 0.25},
}


@pytest.mark.parametrize("n", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize("kind", NULL_WORLDS)
@pytest.mark.parametrize(("shape", "mean"), [((6, 8), 25), ((12, 24), 4)])
def test_nothing_planted_nothing_found(n, kind, shape, mean):
    """The 99.8 % band of a correct 5 % test, for the smallest and the largest panel."""
    found = sum(did(world(seed, shape, mean, **NULL_WORLDS[kind])).p_value <= 0.05 for seed in range(n))
    low, high = binom.ppf((0.001, 0.999), n, 0.05)
    assert low <= found <= high


@pytest.mark.parametrize("n", [20, pytest.param(200, marks=pytest.mark.proof)])
def test_a_planted_fall_is_found(n):
    """-40 % where 180 reports were expected: 12 areas, 12 periods before and after, 15 per period, Poisson."""
    found = [did(world(seed, (12, 24), 15, effect=0.6)).interval for seed in range(n)]
    assert sum(high < 1 for _, high in found) >= 0.9 * n
    assert sum(low > 1 for low, _ in found) <= 0.02 * n


def test_the_smallest_fall_that_can_be_seen_is_about_right():
    frame = world(8, (12, 24), 15)
    share = did(frame).smallest_detectable
    assert 0.2 < share < 0.45
    assert f"minder dan {100 * share:.0f} %" in did(frame).uitleg
