"""Gi, Gi* and local Moran: the published figures, the false discovery rate, and gaps that tell nothing."""

import geopandas as gpd
import libpysal
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control, norm

from analysis import local
from analysis.local import QUADRANTS, benjamini_hochberg, getis_ord, local_moran
from analysis.neighbours import contiguity, standardise, within
from analysis.rates import empirical_bayes

SIX = within([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], 15)
SIX_VALUES = [2, 3, 3.2, 5, 8, 7]
RASTER = within(np.argwhere(np.ones((10, 10))) * 1.0, 1.5)
FLAT = [[0.0] * 6, [7.0] * 6, [0.1] * 6, [1e9 / 3] * 6]


@pytest.fixture(scope="module")
def columbus():
    return gpd.read_file(libpysal.examples.get_path("columbus.shp"))


def maps():
    """Values and binary links of 2 to 12 areas, with ties and islands."""
    return st.integers(2, 12).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, n, elements=st.integers(0, 9).map(float)),
            arrays(np.bool_, (n, n)).map(lambda links: (links & ~np.eye(n, dtype=bool)).astype(float)),
        )
    )


def gi_as_defined(values, weights, index, star):
    """Getis and Ord's sum, mean and variance for one area, term by term."""
    others = np.arange(len(values)) if star else np.delete(np.arange(len(values)), index)
    row = weights[index] + (np.eye(len(values))[index] if star else 0)
    x, w, m = values[others], row[others], len(others)
    mean, s = x.mean(), np.sqrt((x**2).mean() - x.mean() ** 2)
    return ((w * x).sum() - w.sum() * mean) / (s * np.sqrt((m * (w**2).sum() - w.sum() ** 2) / (m - 1)))


def test_the_published_six_points():
    gi = getis_ord(SIX_VALUES, SIX, star=False).z
    star = getis_ord(SIX_VALUES, SIX).z
    np.testing.assert_allclose(
        gi, [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941], atol=5e-9
    )
    np.testing.assert_allclose(
        star, [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331], atol=5e-9
    )


def test_columbus_has_its_published_hot_areas(columbus):
    found = getis_ord(columbus.CRIME, contiguity(columbus.geometry))
    assert round(found.z.max(), 4) == 3.4751
    assert round(found.z.min(), 3) == -2.851
    assert (found.z > 1.96).sum() == 11
    np.testing.assert_allclose(found.p, 2 * norm.sf(np.abs(found.z)))


def test_columbus_has_the_local_moran_of_esda(columbus):
    found = local_moran(columbus.CRIME, contiguity(columbus.geometry))
    np.testing.assert_allclose(
        found.i[[0, 1, 2, 3, 4, 20, 36, 48]],
        [0.7217813786, 0.5179856456, 0.0919354204, 0.0047225796, 0.2974100814, 0.151777301, 0.4146093167, 0.3559458218],
    )
    np.testing.assert_allclose(found.i.sum(), 24.00905074477734)
    assert {key: int((found.quadrant == key).sum()) for key in QUADRANTS} == {"HH": 21, "LL": 20, "HL": 3, "LH": 5}


@settings(deadline=None, max_examples=80)
@given(maps(), st.booleans(), st.sampled_from([csr_array, np.asarray, list]))
def test_gi_is_what_its_definition_says(case, star, kind):
    values, links = case
    scale = np.linspace(0.5, 2, len(values))
    weights = links * scale
    found = getis_ord(values, kind(weights), star=star)
    for index in range(len(values)):
        others = values if star else np.delete(values, index)
        row = weights[index] + star * np.eye(len(values))[index]
        reach = row if star else np.delete(row, index)
        if not star and not reach.any():
            assert np.isnan([found.z[index], found.p[index], found.p_fdr[index]]).all()
        elif len(set(others)) == 1 or len(set(reach)) == 1:
            assert (found.z[index], found.p[index]) == (0, 1)
        else:
            np.testing.assert_allclose(found.z[index], gi_as_defined(values, weights, index, star), atol=1e-7)


@settings(deadline=None, max_examples=40)
@given(maps(), st.booleans(), st.integers(0, 2**32 - 1))
def test_each_period_is_a_map_of_its_own(case, star, seed):
    values, links = case
    rng = np.random.default_rng(seed)
    table = np.column_stack([values, rng.integers(0, 9, len(values)), np.zeros(len(values))]).astype(float)
    table[rng.integers(len(values)), 1] = np.nan
    covered = rng.random(table.shape) > 0.2
    together = getis_ord(table, links, star=star, covered=covered)
    for period in range(3):
        alone = getis_ord(table[:, period], links, star=star, covered=covered[:, period])
        for name in ("z", "p", "p_fdr"):
            np.testing.assert_allclose(getattr(together, name)[:, period], getattr(alone, name), atol=1e-7)


@settings(deadline=None, max_examples=30)
@given(maps(), st.integers(0, 11), st.booleans())
def test_an_unknown_area_leaves_everything(case, gap, missing):
    """As if the area were not on the map: whatever number stands there."""
    values, links = case
    gap %= len(values)
    rest = np.delete(np.arange(len(values)), gap)
    holed, covered = values.copy(), None
    if missing:
        holed[gap] = np.nan
    else:
        holed[gap], covered = 9_999.0, np.arange(len(values)) != gap
    part = links[np.ix_(rest, rest)]
    for star in (True, False):
        found, alone = getis_ord(holed, links, star=star, covered=covered), getis_ord(values[rest], part, star=star)
        np.testing.assert_allclose(found.z[rest], alone.z, atol=1e-7)
        np.testing.assert_allclose(found.p_fdr[rest], alone.p_fdr, atol=1e-7)
        assert np.isnan([found.z[gap], found.p[gap], found.p_fdr[gap]]).all()
        assert found.classes()[gap] == "niet te zeggen"
    found, alone = (
        local_moran(holed, links, n_sim=19, covered=covered),
        local_moran(values[rest], part, n_sim=19),
    )
    for name in ("i", "quadrant", "p", "p_fdr"):
        np.testing.assert_array_equal(getattr(found, name)[rest], getattr(alone, name))
    assert np.isnan([found.i[gap], found.p[gap]]).all()
    assert (found.quadrant[gap], found.classes()[gap]) == ("", "niet te zeggen")


@settings(deadline=None, max_examples=30)
@given(maps(), st.randoms(use_true_random=False))
def test_order_unit_and_origin_play_no_part(case, random):
    values, links = case
    order = list(range(len(values)))
    random.shuffle(order)
    moved = links[np.ix_(order, order)]
    for star in (True, False):
        z = getis_ord(values, links, star=star).z
        np.testing.assert_allclose(getis_ord(values[order], moved, star=star).z, z[order], atol=1e-7)
        np.testing.assert_allclose(getis_ord(values * 1000 - 7, links, star=star).z, z, atol=1e-7)
        np.testing.assert_allclose(getis_ord(values, links * (1 if star else 3), star=star).z, z, atol=1e-7)
    first, second = local_moran(values, links, n_sim=9), local_moran(values[order], moved, n_sim=9)
    np.testing.assert_allclose(second.i, first.i[order], atol=1e-9)
    in_another_unit = local_moran(values * 8, standardise(links), n_sim=9)
    np.testing.assert_allclose(in_another_unit.i, first.i, atol=1e-9)
    np.testing.assert_array_equal(in_another_unit.p, first.p)


@settings(deadline=None, max_examples=60)
@given(arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1) | st.sampled_from([0.0, 0.01, 1.0])))
def test_false_discovery_rate_is_that_of_benjamini_and_hochberg(p):
    expected = false_discovery_control(p) if len(p) else p
    np.testing.assert_allclose(benjamini_hochberg(p), expected)
    with_gaps = np.insert(p, len(p) // 2, np.nan)
    np.testing.assert_allclose(np.delete(benjamini_hochberg(with_gaps), len(p) // 2), expected)


def test_false_discoveries_stay_at_the_level_beside_true_ones():
    rng = np.random.default_rng(5)
    shares = []
    for _ in range(2000):
        p = rng.random(100)
        p[:20] = norm.sf(rng.normal(3, 1, 20))
        alarms = benjamini_hochberg(p) <= 0.05
        shares.append(alarms[20:].sum() / max(alarms.sum(), 1))
    assert 0.034 < np.mean(shares) < 0.046  # 80 of 100 are null: 0.05 x 0.8


WORLDS = [pytest.param(60, id="tenth"), pytest.param(600, id="full", marks=pytest.mark.proof)]
DRAWS = {"normal": lambda rng: rng.normal(size=100), "counts": lambda rng: rng.poisson(10, 100).astype(float)}


def null_worlds(worlds, draw, gap):
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        covered = np.ones(100, dtype=bool)
        covered[rng.choice(100, 20 if gap else 0, replace=False)] = False
        yield seed, np.where(covered, DRAWS[draw](rng), 0.0), covered


def assert_around(share, expected, worlds, spread):
    assert abs(share - expected) <= 3.1 * spread / np.sqrt(worlds), share


@pytest.mark.parametrize("worlds", WORLDS)
@pytest.mark.parametrize("gap", [False, True])
def test_null_worlds_alarm_gi_as_often_as_they_should(worlds, gap):
    """Each area at 5 %; after the correction a world has any alarm at all in at most 5 %."""
    for draw in DRAWS:
        single, corrected = [], []
        for _, values, covered in null_worlds(worlds, draw, gap):
            found = getis_ord(values, RASTER, covered=covered)
            single.append((found.p[covered] <= 0.05).mean())
            corrected.append((found.p_fdr <= 0.05).any())
        assert_around(np.mean(single), 0.05, worlds, np.std(single))
        assert np.mean(corrected) <= 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / worlds)


@pytest.mark.parametrize("worlds", WORLDS)
@pytest.mark.parametrize("gap", [False, True])
def test_null_worlds_alarm_moran_as_often_as_they_should(worlds, gap):
    two_sided, smaller_tail, corrected = [], [], []
    for seed, values, covered in null_worlds(worlds, "normal", gap):
        found = local_moran(values, RASTER, n_sim=1999, seed=seed, covered=covered)
        tested = found.p[~np.isnan(found.p)]
        two_sided.append((tested <= 0.05).mean())
        smaller_tail.append((tested / 2 <= 0.05).mean())
        corrected.append((found.p_fdr <= 0.05).any())
    assert_around(np.mean(two_sided), 0.05, worlds, np.std(two_sided))
    assert np.mean(corrected) <= 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / worlds)
    # the test can fail: the smaller tail alone alarms nearly twice as often
    assert np.mean(smaller_tail) > 0.085


def test_skewed_counts_belong_in_square_roots():
    """Why the docstring says so: the normal tail of Gi* does not hold for a few very large values."""
    raw, rooted = [], []
    for seed in range(400):
        values = np.random.default_rng(seed).negative_binomial(0.5, 0.1, 100)
        raw.append((getis_ord(values, RASTER).p_fdr <= 0.05).any())
        rooted.append((getis_ord(np.sqrt(values), RASTER).p_fdr <= 0.05).any())
    assert np.mean(raw) > 0.12
    assert np.mean(rooted) < 0.09


def test_a_planted_block_is_found_and_a_covered_hole_is_not_cold():
    block = np.zeros((10, 10), dtype=bool)
    block[2:5, 2:5] = True
    values = np.random.default_rng(2).poisson(np.where(block.ravel(), 40, 20)).astype(float)
    covered = np.ones(100, dtype=bool)
    covered[60:80] = False
    values[~covered] = 0
    found = getis_ord(values, RASTER, covered=covered)
    assert (found.classes()[block.ravel()] == "hoog").sum() >= 7
    assert "laag" not in found.classes()
    assert (found.classes()[~covered] == "niet te zeggen").all()
    assert (getis_ord(values, RASTER).classes()[~covered] == "laag").any()
    moran = local_moran(values, RASTER, n_sim=9999, covered=covered)
    assert moran.classes()[33] == "hoog tussen hoog"
    assert (moran.classes()[~covered] == "niet te zeggen").all()


def test_local_moran_works_on_shrunk_rates():
    people = np.full(100, 500.0)
    people[0] = 0
    events = np.where(people > 0, np.random.default_rng(4).poisson(5, 100), 0)
    found = local_moran(empirical_bayes(events, people, weights=RASTER).rate, RASTER, n_sim=99)
    assert np.isnan(found.p[0])
    assert not np.isnan(found.p[1:]).any()


@pytest.mark.parametrize("n_sim", [1, 19, 999])
def test_p_never_falls_below_its_floor(n_sim):
    values = np.where(np.arange(100) % 10 < 5, 100.0, 0.0) + np.random.default_rng(0).random(100)
    found = local_moran(values, RASTER, n_sim=n_sim)
    floor = 2 / (n_sim + 1)
    assert found.p.min() == floor == found.parameters["p_floor"]
    assert found.p.max() <= 1


def test_equal_seeds_threads_and_batches_give_equal_results(monkeypatch):
    values = np.random.default_rng(1).normal(size=100)
    first = local_moran(values, RASTER, n_sim=99, seed=3)
    threads = numba.get_num_threads()
    for n_threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
        numba.set_num_threads(n_threads)
        np.testing.assert_array_equal(local_moran(values, RASTER, n_sim=99, seed=3).p, first.p)
    numba.set_num_threads(threads)
    monkeypatch.setattr(local, "_DRAWS_AT_ONCE", 100)
    np.testing.assert_array_equal(local_moran(values, RASTER, n_sim=99, seed=3).p, first.p)
    assert (local_moran(values, RASTER, n_sim=99, seed=4).p != first.p).any()


@pytest.mark.parametrize("values", FLAT)
def test_equal_values_stand_out_nowhere(values):
    for star in (True, False):
        found = getis_ord(values, SIX, star=star)
        np.testing.assert_array_equal(found.z, [0] * 6)
        np.testing.assert_array_equal(found.p, [1] * 6)
        np.testing.assert_array_equal(found.classes(), ["geen verschil"] * 6)
    moran = local_moran(values, SIX, n_sim=9)
    assert (moran.i.tolist(), moran.p.tolist(), set(moran.quadrant)) == ([0] * 6, [1] * 6, {""})


def test_islands_empty_maps_and_single_areas():
    island = np.zeros((6, 6))
    island[1:, 1:] = 1 - np.eye(5)
    assert np.isnan(getis_ord(SIX_VALUES, island, star=False).p[0])
    assert np.isnan(local_moran(SIX_VALUES, island, n_sim=9).p[0])
    spread = (np.array(SIX_VALUES) - np.mean(SIX_VALUES)) / np.std(SIX_VALUES)
    np.testing.assert_allclose(getis_ord(SIX_VALUES, island).z[0], spread[0])
    assert getis_ord([5.0], [[0]]).p.tolist() == [1]
    assert np.isnan(local_moran([5.0], [[0]]).p).all()
    assert np.isnan(getis_ord([np.nan] * 6, SIX).z).all()
    assert np.isnan(local_moran([np.nan] * 6, SIX).p).all()
    for shape in ((0,), (0, 3)):
        assert getis_ord(np.empty(shape), np.empty((0, 0))).z.shape == shape
    assert getis_ord(np.empty((6, 0)), SIX).p_fdr.shape == (6, 0)
    assert local_moran([], np.empty((0, 0))).p.shape == (0,)


def test_wrong_input_is_refused():
    for method in (getis_ord, local_moran):
        with pytest.raises(ValueError, match="zero diagonal"):
            method([1, 2], np.eye(2))
        with pytest.raises(ValueError, match=r"weights must have shape \(2, 2\)"):
            method([1, 2], SIX)
        with pytest.raises(ValueError, match="infinite"):
            method([np.inf] * 6, SIX)
        with pytest.raises(ValueError, match="covered"):
            method(SIX_VALUES, SIX, covered=[True])
        with pytest.raises(ValueError, match="values must have shape"):
            method(np.zeros((6, 2, 2)), SIX)
    with pytest.raises(ValueError, match="n_sim"):
        local_moran(SIX_VALUES, SIX, n_sim=0)


def test_the_input_stays_as_it_was_and_the_sentence_tells_what_stands_out(columbus):
    values, weights = columbus.CRIME.to_numpy().copy(), contiguity(columbus.geometry)
    before = [values.copy(), weights.toarray()]
    found, moran = getis_ord(values, weights), local_moran(values, weights)
    np.testing.assert_array_equal(values, before[0])
    np.testing.assert_array_equal(weights.toarray(), before[1])
    classes = found.classes().tolist()
    assert (classes.count("hoog"), classes.count("laag"), classes.count("geen verschil")) == (7, 2, 40)
    assert found.uitleg.startswith("Vergeleken: 49 gebieden, waarvan 7 samen met de buren duidelijk hoger")
    assert "en 2 duidelijk lager" in found.uitleg
    assert found.parameters == {"star": True, "n_areas": 49, "n_tested": 49}
    assert moran.parameters == {"n_sim": 999, "seed": 0, "p_floor": 0.002, "n_tested": 49}
    assert all(words in moran.uitleg for words in QUADRANTS.values())
    assert "kleiner blijken dan ongeveer 1 op de 500" in moran.uitleg
