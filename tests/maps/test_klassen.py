"""Class breaks: every value in exactly one class, no empty classes, however odd the values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.klassen import PALET, make_indeling

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
