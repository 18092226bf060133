"""Class breaks: every value in exactly one class, no empty classes, however odd the values."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.klassen import PALET, make_indeling, make_vaste_indeling, ronde_grenzen
from maps.samen import derde, derde_grenzen

values = st.lists(st.integers(0, 400).map(lambda n: n / 10), max_size=80)


def test_quantiles_give_five_equal_classes():
    indeling = make_indeling([float(v) for v in range(1, 101)])
    assert [(k.laag, k.hoog, k.n) for k in indeling.klassen] == [
        (1, 20, 20), (21, 40, 20), (41, 60, 20), (61, 80, 20), (81, 100, 20)
    ]  # fmt: skip
    assert tuple(k.kleur for k in indeling.klassen) == PALET


@pytest.mark.parametrize(
    ("ok", "classes"),
    [
        ([], []),
        ([3.0], [(3, 3, 1)]),
        ([0.0] * 70, [(0, 0, 70)]),
        ([1.0, 5.0, 1.0], [(1, 1, 2), (5, 5, 1)]),
        ([0.0] * 60 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [(0, 0, 60), (1, 2, 2), (3, 3, 1), (4, 5, 2), (6, 6, 1)]),
    ],
)
def test_few_and_equal_values(ok, classes):
    assert [(k.laag, k.hoog, k.n) for k in make_indeling(ok).klassen] == classes


def test_unreliable_values_do_not_move_the_breaks_but_are_counted():
    reliable = [float(v) for v in range(1, 11)]
    plain, with_outliers = make_indeling(reliable), make_indeling(reliable, [0.5, 900.0])
    assert with_outliers.grenzen == plain.grenzen
    assert with_outliers.klassen[0].laag == 0.5
    assert with_outliers.klassen[-1].hoog == 900
    assert sum(k.n for k in with_outliers.klassen) == 12


def test_a_handful_of_reliable_values_does_not_make_a_map_of_one_colour():
    doubtful = [float(v) for v in range(1, 41)]
    assert [k.n for k in make_indeling([0.0] * 20, doubtful).klassen] == [20, 10, 10, 10, 10]


def test_only_unreliable_values_make_their_own_classes():
    assert [k.n for k in make_indeling([], [1.0, 2.0]).klassen] == [1, 1]


@pytest.mark.parametrize("bad", [[float("nan")], [float("inf"), 1.0]])
def test_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="eindige"):
        make_indeling(bad)


def test_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="max_klassen"):
        make_indeling([1.0], max_klassen=6)


@given(values, values, st.integers(1, 5))
def test_every_value_has_one_class_and_no_class_is_empty(ok, doubtful, max_klassen):
    indeling = make_indeling(ok, doubtful, max_klassen=max_klassen)
    assert sum(k.n for k in indeling.klassen) == len(ok) + len(doubtful)
    assert len(indeling.klassen) <= max_klassen
    assert all(k.n > 0 for k in indeling.klassen)
    for value in ok + doubtful:
        klasse = indeling.klasse_van(value)
        assert klasse.laag <= value <= klasse.hoog
    for lower, upper in zip(indeling.klassen, indeling.klassen[1:], strict=False):
        assert lower.hoog < upper.laag


positive = st.lists(st.floats(0, 5000, allow_subnormal=False).map(lambda n: round(n, 2)), max_size=120)


@given(positive, st.booleans(), st.randoms(use_true_random=False))
def test_round_breaks_rise_and_depend_on_the_values_only(found, whole, rng):
    grenzen = ronde_grenzen(found, geheel=whole)
    assert len(grenzen) <= 4
    assert all(low < high for low, high in itertools.pairwise(grenzen))
    assert all(grens > 0 for grens in grenzen)
    assert not whole or all(grens == int(grens) for grens in grenzen)
    shuffled = found * 2
    rng.shuffle(shuffled)
    assert ronde_grenzen(shuffled, geheel=whole) == grenzen


@given(positive, positive)
def test_every_value_of_every_period_has_one_fixed_class(series, period):
    grenzen = ronde_grenzen(series)
    indeling = make_vaste_indeling(grenzen, period)
    assert len(indeling.klassen) == len(grenzen) + 1
    assert sum(k.n for k in indeling.klassen) == len(period)
    bounds = (-1.0, *grenzen, float("inf"))
    for value in period:
        nummer = indeling.klasse_van(value).nummer
        assert bounds[nummer - 1] < value <= bounds[nummer]
    assert [k.kleur for k in indeling.klassen] == [k.kleur for k in make_vaste_indeling(grenzen, []).klassen]


@pytest.mark.parametrize(
    ("values", "grenzen"),
    [
        ([], ()),
        ([0.0, 0.0], ()),
        ([float(v) for v in range(1, 101)], (20, 40, 60, 80)),
        ([v / 100 for v in range(1200, 1700)], (13, 14, 15, 16)),
        ([3.0, 7.0], (3,)),
    ],
)
def test_breaks_are_as_round_as_keeps_them_apart(values, grenzen):
    assert ronde_grenzen(values) == grenzen


@pytest.mark.parametrize("bad", [(2.0, 1.0), (1.0, 1.0), (1.0, float("inf")), (1.0, 2.0, 3.0, 4.0, 5.0)])
def test_breaks_that_do_not_rise_are_refused(bad):
    with pytest.raises(ValueError, match="grenzen"):
        make_vaste_indeling(bad, [1.0])


@given(st.lists(st.integers(0, 60).map(float), min_size=1, max_size=70))
def test_thirds_part_the_values_in_order(found):
    bounds = derde_grenzen(found)
    places = [derde(value, bounds) for value in sorted(found)]
    assert places == sorted(places)
    assert set(places) <= {0, 1, 2}
    assert len(set(places)) == len(bounds) + 1
