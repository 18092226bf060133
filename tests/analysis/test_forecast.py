"""What is coming: right where it can be known, honest margins, and silent where a naive guess is as good."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.forecast import forecast

SEASON = np.array([0.8, 1.1, 1.25, 0.85])
KINDS = ["flat", "season", "bursts", "drift"]


def series(rng, kind, periods):
    """Counts of quarters: around a level, with seasons, wider than chance, or with a level that moves."""
    level = rng.choice([8, 40, 300])
    mean = level * np.tile(np.ones(4) if kind == "flat" else SEASON, periods // 4 + 1)[:periods]
    if kind == "drift":
        mean = mean * np.exp(np.cumsum(rng.normal(0, 0.05, periods)))
    wide = kind in ("bursts", "drift")
    return (rng.negative_binomial(mean / 2, 1 / 3) if wide else rng.poisson(mean)).astype(float)


def test_a_level_that_never_moves_is_its_own_forecast():
    found = forecast([40] * 16)
    assert found.verwacht == pytest.approx(40)
    # No wider than chance has it: a Poisson count of 40, of which the mean is not quite known.
    assert (found.laag_80, found.hoog_80) == (pytest.approx(32, abs=2), pytest.approx(49, abs=2))
    assert not found.toonbaar
    assert "niet beter" in found.reden


def test_a_season_without_noise_comes_back():
    found = forecast(np.tile([100, 200, 300, 200], 5)[:18])
    assert found.verwacht == pytest.approx(300, rel=0.03)
    assert forecast(np.tile([100, 200, 300, 200], 5)[:17]).verwacht == pytest.approx(200, rel=0.03)


def test_a_new_level_is_followed():
    rng = np.random.default_rng(3)
    found = forecast(np.concatenate([rng.poisson(50, 12), rng.poisson(90, 12)]))
    assert found.verwacht == pytest.approx(90, rel=0.15)


def test_it_is_shown_only_where_it_beat_the_same_quarter_of_a_year_before():
    rng = np.random.default_rng(1)
    for kind in KINDS:
        found = forecast(series(rng, kind, 20))
        assert found.toonbaar == (found.fout < found.fout_naief)
        assert bool(found.reden) != found.toonbaar
        assert found.proeven == 12
    # What repeats itself to the letter is foretold best by repeating it.
    repeated = forecast(np.tile([10, 90, 20, 300], 6))
    assert repeated.fout_naief == 0
    assert not repeated.toonbaar


def test_the_trials_use_nothing_that_came_later():
    rng = np.random.default_rng(5)
    counts = series(rng, "season", 20)
    errors = [abs(forecast(counts[:at]).verwacht - counts[at]) for at in range(8, 20)]
    naive = [abs(counts[at - 4] - counts[at]) for at in range(8, 20)]
    found = forecast(counts)
    assert (found.fout, found.fout_naief) == pytest.approx((np.mean(errors), np.mean(naive)))


def test_a_short_past_tells_nothing():
    found = forecast([5, 6, 7, 8, 5, 6, 7])
    assert np.isnan([found.verwacht, found.laag_95, found.hoog_80]).all()
    assert "twee volle jaren" in found.reden
    assert forecast([]).toonbaar is False
    gone = forecast([5, 6, 7, 8] * 3 + [np.nan] * 4)
    assert np.isnan(gone.verwacht)


def test_too_few_trials_are_no_proof():
    found = forecast([10, 12, 14, 9, 11, 12, 15, 8, 10, 13, 14])
    assert (found.proeven, found.toonbaar) == (3, False)
    assert "te weinig perioden" in found.reden


def test_only_what_comes_after_a_break_counts():
    rng = np.random.default_rng(2)
    old, new = rng.poisson(500, 12).astype(float), rng.poisson(60, 14).astype(float)
    broken = forecast(np.concatenate([old, new]), breaks=[4, 12])
    alone = forecast(np.concatenate([np.full(12, np.nan), new]))
    assert broken.verwacht == pytest.approx(forecast(new).verwacht)
    assert broken.verwacht == pytest.approx(alone.verwacht, rel=0.02)
    assert broken.parameters["used"] == 14


def test_what_is_not_known_is_no_zero():
    rng = np.random.default_rng(4)
    counts = rng.poisson(80, 20).astype(float)
    gap = counts.copy()
    gap[[5, 11, 16]] = np.nan
    assert forecast(gap).verwacht == pytest.approx(80, rel=0.15)
    assert forecast(np.nan_to_num(gap)).verwacht < forecast(gap).verwacht


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.integers(0, 400), st.none()), max_size=24), st.sampled_from([1, 4]))
def test_margins_lie_around_each_other(counts, season):
    values = np.array([np.nan if n is None else n for n in counts], dtype=float)
    kept = values.copy()
    found = forecast(values, season=season)
    np.testing.assert_array_equal(values, kept)
    if np.isfinite(found.verwacht):
        assert 0 <= found.laag_95 <= found.laag_80 <= found.hoog_80 <= found.hoog_95
        assert found.laag_80 <= found.verwacht
    else:
        assert not found.toonbaar


def test_noughts_do_not_promise_a_nought():
    found = forecast([0] * 16)
    assert 0 < found.verwacht < 0.1
    assert found.laag_95 == 0


@pytest.mark.parametrize("n_worlds", [60, pytest.param(600, marks=pytest.mark.proof)])
def test_margins_hold_what_they_promise(n_worlds):
    """Of all quarters that came, about four in five lie within the one and nineteen in twenty within the other."""
    hits = []
    for seed in range(n_worlds):
        rng = np.random.default_rng(seed)
        counts = series(rng, KINDS[seed % 4], 13 + 4 * (seed % 3))
        found = forecast(counts[:-1])
        hits.append((found.laag_80 <= counts[-1] <= found.hoog_80, found.laag_95 <= counts[-1] <= found.hoog_95))
    share = np.mean(hits, axis=0)
    slack = 3 * np.sqrt(np.array([0.8 * 0.2, 0.95 * 0.05]) / n_worlds)
    assert (share >= [0.8, 0.95] - slack).all()
    # Counts are whole: a margin of whole numbers holds somewhat more than it must.
    assert share[0] <= 0.9 + slack[0]


@pytest.mark.proof
def test_it_beats_the_naive_forecast_where_there_is_something_to_learn():
    """Over many worlds its mean absolute error is smaller than that of the same quarter of the year before."""
    for kind in KINDS:
        errors = []
        for seed in range(200):
            counts = series(np.random.default_rng(seed), kind, 17)
            scale = counts.mean()
            errors.append(
                (abs(forecast(counts[:-1]).verwacht - counts[-1]) / scale, abs(counts[-5] - counts[-1]) / scale)
            )
        ours, naive = np.mean(errors, axis=0)
        assert ours < naive, kind


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"counts": [-1, 2]}, "below zero"),
        ({"counts": [[1, 2]]}, "shape"),
        ({"season": 0}, "season"),
        ({"breaks": [9]}, "breaks"),
        ({"breaks": [-1]}, "breaks"),
    ],
)
def test_senseless_input_is_refused(wrong, words):
    asked = {"counts": [1, 2, 3]} | wrong
    with pytest.raises(ValueError, match=words):
        forecast(asked.pop("counts"), **asked)
