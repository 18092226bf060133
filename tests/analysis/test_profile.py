"""The biggest problem of an area: named when it is clear, and hardly ever when there is none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from analysis.profile import biggest_problem

SOORTEN = ["afval", "drugs", "geluid", "jongeren", "verkeer"]


def tables(most=300):
    cells = st.integers(0, most)
    return st.integers(1, 8).flatmap(
        lambda k: st.tuples(st.lists(cells, min_size=k, max_size=k), st.lists(cells, min_size=k, max_size=k))
    )


def test_what_stands_out_is_named():
    found = biggest_problem(
        {"geluid": 120, "afval": 40, "drugs": 30}, dict.fromkeys(["geluid", "afval", "drugs"], 1000)
    )
    assert found.categorie == "geluid"
    assert found.quotient == pytest.approx((120 / 190) / (1 / 3))
    exact = binomtest(120, 190).proportion_ci(1 - 0.05 / 3, method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low * 3, exact.high * 3))
    assert found.opvallend == ("geluid",)
    assert found.parameters == {"level": 0.95, "categories": 3, "reports": 190.0}
    assert found.uitleg.startswith("geluid valt hier het meest op: het aandeel in de meldingen is ongeveer 1,9 keer")
    assert "zegt niet dat er hier meer overlast is" in found.uitleg


def test_the_table_has_every_category():
    table = biggest_problem([10, 0, 5], pd.Series([100, 50, 100], index=["a", "b", "c"])).table
    assert list(table.index) == ["a", "b", "c"]
    assert list(table.columns) == ["aantal", "verwacht", "quotient", "laag", "hoog", "opvallend"]
    np.testing.assert_allclose(table["verwacht"], [6, 3, 6])
    np.testing.assert_allclose(table["quotient"], [10 / 6, 0, 5 / 6])
    assert table.loc["b", "laag"] == 0
    assert table.loc["b", "hoog"] > 0


def test_few_reports_give_no_clear_picture():
    found = biggest_problem([3, 1, 1, 0, 0], [100] * 5)
    assert found.categorie is None
    assert found.quotient == pytest.approx(3)
    assert found.low < 1 < found.high
    assert found.opvallend == ()
    assert found.uitleg.startswith("Geen duidelijk beeld: geen soort melding valt hier duidelijk op")


def test_two_that_cannot_be_told_apart_give_no_clear_picture():
    found = biggest_problem([80, 80, 10, 10, 10], [100] * 5)
    assert found.categorie is None
    assert found.opvallend == (0, 1)
    assert "meer dan één soort valt op (0, 1)" in found.uitleg


def test_a_clear_first_of_two_that_stand_out_is_named():
    found = biggest_problem(dict(zip(SOORTEN, [300, 600, 50, 50, 50], strict=True)), dict.fromkeys(SOORTEN, 100))
    assert found.categorie == "drugs"
    assert found.opvallend == ("drugs", "afval")


@pytest.mark.parametrize("first", range(215, 245))
def test_two_are_told_apart_by_the_exact_test_of_the_two(first):
    found = biggest_problem([first, 200, 5, 5, 5, 5], [100] * 6)
    assert found.opvallend == (0, 1)
    apart = binomtest(first, first + 200, 0.5, alternative="greater").pvalue <= 0.025
    assert found.categorie == (0 if apart else None)


def test_a_rare_category_with_a_high_quotient_does_not_hide_a_sure_one():
    found = biggest_problem({"geluid": 400, "afval": 300, "kerk": 2}, {"geluid": 4000, "afval": 8000, "kerk": 5})
    assert found.table["quotient"].idxmax() == "kerk"
    assert found.categorie == "geluid"


@pytest.mark.parametrize("counts", [[], [0, 0], [7], [np.nan, 3], [np.nan, np.nan]])
def test_nothing_to_compare_gives_no_clear_picture(counts):
    found = biggest_problem(counts, [10] * len(counts))
    assert found.categorie is None
    assert np.isnan(found.quotient) or found.quotient == 1
    assert len(found.table) == len(counts)


@pytest.mark.parametrize("missing", [([np.nan, 40, 10], [100, 100, 100]), ([9, 40, 10], [0, 100, 100])])
def test_what_cannot_be_compared_is_left_out_of_every_sum(missing):
    found, alone = biggest_problem(*missing), biggest_problem([40, 10], [100, 100])
    np.testing.assert_array_equal(found.table.iloc[1:].to_numpy(), alone.table.to_numpy())
    assert found.table.iloc[0][["verwacht", "quotient", "laag", "hoog"]].isna().all()
    assert "1 soort kon niet vergeleken worden" in found.uitleg
    assert found.categorie == 1


def test_labels_are_joined_by_name_not_by_place():
    one = biggest_problem({"a": 50, "b": 5}, {"b": 100, "a": 100})
    other = biggest_problem(pd.Series([5, 50], index=["b", "a"]), pd.Series([100, 100], index=["a", "b"]))
    assert one.categorie == other.categorie == "a"
    pd.testing.assert_frame_equal(one.table, other.table.loc[["a", "b"]])


@pytest.mark.parametrize(
    ("counts", "reference", "words"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "same categories"),
        ({"a": 1}, {"a": 1, "c": 2}, "same categories"),
        ([1, 2], [1, 2, 3], "same categories"),
        (pd.Series([1, 2], index=["a", "a"]), {"a": 1, "b": 2}, "once"),
        ([-1, 2], [1, 2], "below zero"),
        ([1, np.inf], [1, 2], "infinite"),
        ([[1, 2]], [1, 2], "shape"),
    ],
)
def test_senseless_input_is_refused(counts, reference, words):
    with pytest.raises(ValueError, match=words):
        biggest_problem(counts, reference)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, np.nan])
def test_a_senseless_level_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        biggest_problem([1, 2], [3, 4], level=level)


@settings(deadline=None, max_examples=60)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_plays_no_part(table, random):
    counts, reference = (dict(enumerate(values)) for values in table)
    order = list(counts)
    random.shuffle(order)
    first = biggest_problem(counts, reference)
    second = biggest_problem({label: counts[label] for label in order}, reference)
    assert (first.categorie, set(first.opvallend)) == (second.categorie, set(second.opvallend))
    pd.testing.assert_frame_equal(first.table, second.table.loc[list(counts)])


@settings(deadline=None, max_examples=60)
@given(tables(), st.integers(1, 1000))
def test_the_size_of_the_whole_plays_no_part(table, times):
    counts, reference = table
    first = biggest_problem(counts, reference)
    second = biggest_problem(counts, [times * n for n in reference])
    assert first.categorie == second.categorie
    np.testing.assert_allclose(first.table["laag"], second.table["laag"])


@settings(deadline=None, max_examples=60)
@given(tables())
def test_the_interval_holds_the_quotient_and_the_input_stays(table):
    counts, reference = (np.array(values, dtype=float) for values in table)
    kept = counts.copy(), reference.copy()
    found = biggest_problem(counts, reference)
    some = found.table.dropna()
    assert (some["laag"] <= some["quotient"] + 1e-9).all()
    assert (some["quotient"] <= some["hoog"] + 1e-9).all()
    if found.categorie is not None:
        assert found.low > 1
    np.testing.assert_array_equal(counts, kept[0])
    np.testing.assert_array_equal(reference, kept[1])


@pytest.mark.parametrize("worlds", [100, pytest.param(1000, marks=pytest.mark.proof)])
@pytest.mark.parametrize(("k", "reports", "areas"), [(3, 60, 30), (8, 20, 5), (12, 300, 70)])
def test_an_ordinary_area_seldom_gets_a_biggest_problem(worlds, k, reports, areas):
    named = 0
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        counts = rng.multinomial(reports, rng.dirichlet(np.ones(k)), size=areas)
        named += biggest_problem(counts[0], counts.sum(axis=0)).categorie is not None
    assert named <= 0.05 * worlds


@pytest.mark.parametrize("worlds", [20, pytest.param(200, marks=pytest.mark.proof)])
def test_a_doubled_category_is_found(worlds):
    usual = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    raised = usual.copy()
    raised[2] *= 2
    hits = 0
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        here = rng.multinomial(200, raised / raised.sum())
        hits += biggest_problem(here, rng.multinomial(10_000, usual) + here).categorie == 2
    assert hits >= 0.9 * worlds
