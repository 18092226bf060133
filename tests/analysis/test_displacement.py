"""Two periods: published differences and quotients, and a verdict that says no more than the counts show."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.displacement import (
    regression_to_mean,
    small_count_test,
    smallest_detectable,
    verdict,
    wdd,
    wdq,
)

PAPER = ((308, 318), (207, 110), (150, 140), (178, 157))
KINDS = {"verplaatst", "uitgestraald", "afgenomen", "niet veranderd", "niet vast te stellen"}
whole = st.integers(0, 400)
pair = st.tuples(whole, whole)
arms = st.one_of(st.tuples(pair, pair), st.tuples(pair, pair, pair, pair))
EVERYTHING = np.ones((4, 2), dtype=bool)


@pytest.mark.parametrize("kind", [tuple, list, np.array, pd.Series])
def test_the_paper(kind):
    result = wdd(*(kind(arm) for arm in PAPER))
    assert result.estimate == -118
    assert result.se == math.sqrt(1568)
    assert round(result.z, 2) == -2.98
    assert [round(bound) for bound in result.interval] == [-196, -40]
    assert (result.local.estimate, result.displacement.estimate) == (-107, -11)
    estimate, se, interval = result.local
    assert se == math.sqrt(207 + 110 + 308 + 318)
    assert interval[0] < estimate < interval[1]
    assert verdict(result).kind == "afgenomen"


def test_area_weights_of_the_paper():
    result = wdd(*PAPER, area_weights=(0.9, 1.2, 1.6, 1.5))
    assert result.estimate == pytest.approx(-99.69444, abs=1e-5)
    assert result.se == pytest.approx(35.42808, abs=1e-5)
    assert result.z == pytest.approx(-2.813995, abs=1e-6)
    assert result.interval == pytest.approx((-169.132, -30.2567), abs=1e-3)


def test_two_arms_and_periods_of_another_length():
    result = wdd((20, 20), (20, 10))
    assert (result.estimate, round(result.se, 4), round(result.z, 4)) == (-10, 8.3666, -1.1952)
    assert all(math.isnan(value) for value in (result.displacement.estimate, result.displacement.se))
    longer = wdd((20, 20), (20, 10), time_weights=(2, 1))
    assert longer.estimate == (10 - 10) - (20 - 10)
    assert longer.se == pytest.approx(math.sqrt(10 + 20 / 4 + 20 + 20 / 4))


def test_quotient():
    assert wdq(PAPER[1], PAPER[3], PAPER[0]) == pytest.approx(0.258186, abs=1e-6)
    assert wdq((100, 50), (100, 150), (100, 100)) == -1
    assert wdq(pd.Series([100, 50]), [100, 150], np.array([100, 100])) == -1


@pytest.mark.parametrize(
    ("treated", "control"),
    [((100, 100), (100, 100)), ((50, 100), (100, 100)), ((9, 5), (0, 4)), ((9, math.nan), (4, 4))],
)
def test_a_quotient_without_success_means_nothing(treated, control):
    assert math.isnan(wdq(treated, (100, 150), control))


@given(arms, st.floats(0.1, 50))
@settings(deadline=None)
def test_another_unit_of_size_and_time_changes_the_unit_only(counts, factor):
    one = wdd(*counts)
    other = wdd(*counts, area_weights=[factor] * len(counts), time_weights=(2, 2))
    assert other.estimate * factor * 2 == pytest.approx(one.estimate, rel=1e-9, abs=1e-9)
    assert other.se * factor * 2 == pytest.approx(one.se, rel=1e-9)
    assert verdict(other).kind == verdict(one).kind


@given(arms)
@settings(deadline=None)
def test_every_count_gives_a_defined_verdict(counts):
    result = wdd(*counts)
    found = verdict(result)
    assert found.kind in KINDS
    assert str(found) == found.kind
    assert (found.reason == "") == (found.kind != "niet vast te stellen")
    assert found.uitleg.endswith(".")
    assert math.isnan(result.z) == (result.se == 0)
    if len(counts) == 2:
        assert found.kind not in ("verplaatst", "uitgestraald")
    if all(count == 0 for arm in counts for count in arm):
        assert found.reason == "te onzeker"


@pytest.mark.parametrize(
    ("counts", "kind", "reason"),
    [
        (((1000, 1000), (1000, 600), (1000, 1000), (1000, 1400)), "verplaatst", ""),
        (((1000, 1000), (1000, 600), (1000, 1000), (1000, 600)), "uitgestraald", ""),
        (((1000, 1000), (1000, 600), (1000, 1000), (1000, 1000)), "afgenomen", ""),
        (((5000, 5000), (5000, 5000), (5000, 5000), (5000, 5000)), "niet veranderd", ""),
        (((1000, 1000), (1000, 1400), (1000, 1000), (1000, 1000)), "niet vast te stellen", "toegenomen"),
        (((100, 100), (100, 50), (400, 400), (400, 400)), "niet vast te stellen", "verschuiving onbekend"),
        (((10, 10), (12, 9), (10, 10), (10, 10)), "niet vast te stellen", "te onzeker"),
        (((0, 0), (4, 0)), "niet vast te stellen", "te onzeker"),
    ],
)
def test_verdicts(counts, kind, reason):
    found = verdict(wdd(*counts))
    assert (found.kind, found.reason) == (kind, reason)


def test_minus_fifty_and_plus_fifty_is_not_unchanged():
    assert verdict(wdd((2000, 2000), (500, 450), (2000, 2000), (500, 550))).kind == "niet vast te stellen"


def test_the_margin_is_a_share_of_what_was_expected():
    around = ((5000, 5000), (5000, 5000))
    # Expected after: 5000 - 2000 = 3000; the same 3000 is far from the 5000 of before.
    assert verdict(wdd((5000, 3000), (5000, 3000), *around)).kind == "niet veranderd"
    assert verdict(wdd((5000, 5000), (5000, 5000), *around), margin=0.01).kind == "niet vast te stellen"
    assert "20 %" in verdict(wdd((5000, 3000), (5000, 3000), *around)).uitleg
    with pytest.raises(ValueError, match="margin"):
        verdict(wdd(*PAPER), margin=0)


def test_a_surrounding_that_nobody_looked_at_is_mentioned():
    found = verdict(wdd((1000, 1000), (1000, 600)))
    assert found.kind == "afgenomen"
    assert "naar de omgeving is niet gekeken" in found.uitleg
    assert "naar de omgeving is niet gekeken" in verdict(wdd((9000, 9000), (9000, 9000))).uitleg


@pytest.mark.parametrize("arm", range(4))
@pytest.mark.parametrize("period", range(2))
def test_an_uncovered_count_is_not_zero(arm, period):
    covered = EVERYTHING.copy()
    covered[arm, period] = False
    counts = np.array(PAPER, dtype=float)
    counts[arm, period] = math.nan
    result = wdd(*counts, covered=covered)
    assert math.isnan(result.estimate)
    assert math.isnan(result.local.estimate) == (arm < 2)
    assert math.isnan(result.displacement.estimate) == (arm >= 2)
    found = verdict(result)
    assert (found.kind, found.reason) == ("niet vast te stellen", "niet gedekt")
    zero = np.where(covered, counts, 0)
    assert str(wdd(*zero, covered=covered)) == str(result)
    assert np.isnan(counts[arm, period])


def test_a_trend_break_between_the_periods():
    result = wdd((1000, 1000), (1000, 600), (1000, 1000), (1000, 1400))
    found = verdict(result, trend_break=True)
    assert (found.kind, found.reason) == ("niet vast te stellen", "trendbreuk")
    assert verdict(result, trend_break=True, shared_break=True).kind == "verplaatst"


def test_a_shared_break_does_not_blame_an_area_for_its_size():
    # Everything was registered half as often: a difference of counts falls where there were more.
    result = wdd((200, 100), (2000, 1000), (200, 100), (2000, 1000))
    assert verdict(result).kind == "uitgestraald"
    assert verdict(result, trend_break=True, shared_break=True).kind == "niet vast te stellen"


def test_few_reports_are_tested_exactly():
    assert small_count_test((10, 10), (8, 2)) == pytest.approx(0.23535, abs=1e-4)
    assert small_count_test((0, 0), (9, 0)) == 1
    assert math.isnan(small_count_test((math.nan, 3), (3, 3)))
    assert wdd((1, 1), (6, 0)).interval[1] < 0
    assert verdict(wdd((1, 1), (6, 0))).kind == "niet vast te stellen"
    assert verdict(wdd((40, 40), (40, 5))).kind == "afgenomen"


@pytest.mark.parametrize(
    ("arguments", "weights", "message"),
    [
        (((1, 2), (1, math.nan)), {}, "covered"),
        (((1, 2), (1, 2.5)), {}, "whole"),
        (((1, 2), (1, -2)), {}, "below zero"),
        (((1, 2), (1, math.inf)), {}, "infinite"),
        (((1, 2), (1, 2, 3)), {}, "shape"),
        (((1, 2), (1, 2), (1, 2)), {}, "together"),
        (((1, 2), (1, 2)), {"area_weights": (1, 0)}, "positive"),
        (((1, 2), (1, 2)), {"area_weights": (1, 1, 1, 1)}, "shape"),
        (((1, 2), (1, 2)), {"time_weights": (1, math.nan)}, "positive"),
        (((1, 2), (1, 2)), {"covered": EVERYTHING}, "covered"),
        (((1, 2), (1, 2)), {"covered": [[1, 1], [1, 0]]}, "covered"),
    ],
)
def test_clear_errors(arguments, weights, message):
    with pytest.raises(ValueError, match=message):
        wdd(*arguments, **weights)


def judge(seed, before, displaced):
    """A fall of 40 % in an area of `before` reports; surroundings as large; controls four times, all Poisson."""
    rng = np.random.default_rng(seed)
    control, displacement_control = rng.poisson(4 * before, (2, 2))
    treated = rng.poisson((before, 0.6 * before))
    around = rng.poisson((before, (1.4 if displaced else 1) * before))
    return verdict(wdd(control, treated, displacement_control, around, area_weights=(4, 1, 4, 1)))


@pytest.mark.parametrize("n", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize(("displaced", "kind"), [(False, "afgenomen"), (True, "verplaatst")])
def test_a_planted_action_gets_its_verdict(n, displaced, kind):
    """500 expected in area and surroundings, 2 000 in the controls of each.

    With 100 expected nobody can do this: the fall of 40 is then 2.2-3.2 standard errors of Poisson counts alone.
    """
    found = [judge(seed, 500, displaced) for seed in range(n)]
    assert sum(one.kind == kind for one in found) >= 0.9 * n
    wrong = {"uitgestraald", "afgenomen"} if displaced else {"niet veranderd"}
    assert sum(one.kind in wrong or one.reason == "toegenomen" for one in found) <= 0.02 * n


@pytest.mark.parametrize("n", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize("displaced", [False, True])
def test_too_few_reports_give_no_wrong_verdict(n, displaced):
    """100 expected: most worlds end in "niet vast te stellen", hardly any in what was not planted."""
    found = [judge(seed, 100, displaced) for seed in range(n)]
    wrong = {"uitgestraald", "niet veranderd"} if displaced else {"verplaatst", "niet veranderd"}
    assert sum(one.kind in wrong or one.reason == "toegenomen" for one in found) <= max(1, 0.03 * n)


@pytest.mark.parametrize("n", [200, pytest.param(2000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("mean", [1, 3, 8, 30])
def test_nothing_planted_nothing_found(n, mean):
    """Equal Poisson counts in two arms: at most 5 % of any verdict but "niet vast te stellen"."""
    rng = np.random.default_rng(mean)
    found = [verdict(wdd(*rng.poisson(mean, (2, 2)))) for _ in range(n)]
    assert sum(one.kind == "afgenomen" or one.reason == "toegenomen" for one in found) <= 0.05 * n + 3


def test_what_these_numbers_can_show():
    found = smallest_detectable(4000, 1000, area_weights=(4, 1))
    assert 0.10 < found.share < 0.20
    assert "daling van minder dan" in found.uitleg
    rng = np.random.default_rng(1)
    shown = [
        wdd(rng.poisson(4000, 2), rng.poisson((1000, 1000 * (1 - found.share))), area_weights=(4, 1)).interval[1] < 0
        for _ in range(400)
    ]
    assert 0.74 < np.mean(shown) < 0.86
    nothing = smallest_detectable(3, 3)
    assert math.isnan(nothing.share)
    assert "ook niet tot nul" in nothing.uitleg
    shorter = smallest_detectable(4000, 1000, area_weights=(4, 1), time_weights=(2, 1))
    assert shorter.share > found.share
    with pytest.raises(ValueError, match="treated"):
        smallest_detectable(10, 0)
    with pytest.raises(ValueError, match="power"):
        smallest_detectable(10, 10, power=1)


def test_an_area_chosen_at_its_peak_is_warned_about():
    past = [10, 12, math.nan, 9, 11, 10, 12, 8]
    peak = regression_to_mean(past, [20, 18, 22])
    assert peak.warning
    assert "vanzelf" in peak.uitleg
    assert not regression_to_mean(past, [11, 9, 10]).warning
    assert not regression_to_mean([0, 0, 0], [0]).warning
    assert regression_to_mean([0, 0, 0, 0], [9, 9]).warning
    for wrong in (([1], [1]), ([1, 2], [math.nan]), ([[1, 2]], [1])):
        with pytest.raises(ValueError, match="history"):
            regression_to_mean(*wrong)


def test_the_peak_warning_comes_rarely_without_a_peak():
    rng = np.random.default_rng(4)
    found = [regression_to_mean(rng.poisson(8, 24), rng.poisson(8, 6)).warning for _ in range(600)]
    assert 12 <= sum(found) <= 48
