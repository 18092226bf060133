"""Emerging hot spots: each class as a string of periods, and a gap that is neither hot nor cold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from analysis.emerging import LABELS, MIN_PERIODS, classify, mann_kendall

SCORES = {"h": 2.5, "c": -2.5, ".": 0.1, "?": np.nan}
MIRROR = str.maketrans("hc", "ch")


def series(text):
    return [SCORES[letter] for letter in text]


def label_of(text):
    return classify([series(text)]).label[0]


CLASSES = [
    (".........h", "new"),
    ("........hh", "consecutive"),
    ("..hhhhhhhh", "consecutive"),
    ("c........h", "oscillating"),
    (".......cch", "oscillating"),
    ("c.......hh", "oscillating"),
    ("h..h.....h", "sporadic"),
    ("hh.......h", "sporadic"),
    ("hhhhhhhhh.", "historical"),
    ("hhhhhhhhhh", "persistent"),
    (".hhhhhhhhh", "persistent"),
    ("chhhhhhhhh", "persistent"),
    ("hhhhhhhhhc", "cold_oscillating"),
    ("h.........", "none"),
    ("hhhhhhhh..", "none"),
    ("..........", "none"),
]


@pytest.mark.parametrize(("text", "label"), CLASSES)
def test_each_class_as_a_string(text, label):
    assert label_of(text) == label


@pytest.mark.parametrize(("text", "label"), [entry for entry in CLASSES if not entry[1].startswith("cold_")])
def test_cold_mirrors_hot(text, label):
    assert label_of(text.translate(MIRROR)) == (label if label == "none" else f"cold_{label}")


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (2.5, 5, "intensifying"),
        (5, 2.5, "diminishing"),
        (-2.5, -5, "cold_intensifying"),
        (-5, -2.5, "cold_diminishing"),
    ],
)
def test_a_trend_tells_growing_from_fading(first, last, label):
    found = classify([np.linspace(first, last, 10)])
    assert found.label.tolist() == [label]
    assert found.trend_p[0] < 0.001
    assert np.sign(found.trend[0]) == np.sign(last - first)


def test_a_trend_that_chance_could_make_is_no_trend():
    # 10 periods, S = 17: z = 16 / sqrt(125) = 1.43, p = .152
    wobbly = [3.0, 2.5, 3.5, 4.0, 2.8, 3.6, 3.2, 4.2, 3.1, 4.1]
    found = classify([wobbly])
    assert found.label[0] == "persistent"
    assert found.trend_p[0] == pytest.approx(0.1524, abs=1e-4)
    assert classify([wobbly], alpha=0.16).label[0] == "intensifying"


def test_a_period_is_hot_from_alpha_on_both_sides():
    assert classify([[0] * 9 + [1.9599]]).label[0] == "none"
    assert classify([[0] * 9 + [1.96]]).label[0] == "new"
    assert classify([[0] * 9 + [1.96]], alpha=0.01).label[0] == "none"
    assert classify([[0] * 9 + [-1.96]]).label[0] == "cold_new"


@pytest.mark.parametrize(
    ("text", "label", "last"),
    [
        ("h?hhhhhhhhh", "persistent", 10),
        (".?...?....h", "new", 10),
        (".?......h?h", "consecutive", 10),
        ("hhhhhhhhh??", "persistent", 8),
        ("hhhhhhhhh.??", "historical", 9),
        ("????hhhh.h", "sporadic", 9),
    ],
)
def test_gaps_leave_the_series(text, label, last):
    found, closed = classify([series(text)]), classify([series(text.replace("?", ""))])
    assert found.label[0] == closed.label[0] == label
    assert found.trend_p[0] == closed.trend_p[0]
    assert found.last_period[0] == last


def test_uncovered_is_missing_whatever_stands_there():
    scores = np.array([series("cccchhhhhhhhhh"), series("hhhhhhhhhhhhhh")])
    before = scores.copy()
    covered = np.ones(scores.shape, dtype=bool)
    covered[0, :4] = False
    covered[1, -4:] = False
    found = classify(scores, covered=covered)
    assert found.label.tolist() == ["persistent", "persistent"]
    assert classify(scores).label.tolist() == ["oscillating", "persistent"]
    assert found.last_period.tolist() == [13, 9]
    assert "bij 1 ontbreekt de laatste periode" in found.uitleg
    np.testing.assert_array_equal(scores, before)


@pytest.mark.parametrize("text", ["", "hhhh", "?????????h", "??????????", "c?h?c?h???"])
def test_too_few_known_periods_are_unknown(text):
    found = classify(np.array([series(text)]).reshape(1, len(text)))
    assert found.label.tolist() == ["unknown"]
    assert np.isnan(found.trend_p[0])
    assert np.isnan(found.trend[0])
    assert label_of("h" * MIN_PERIODS) == "persistent"


def test_every_label_has_dutch_words_and_can_occur():
    texts = [text for text, _ in CLASSES]
    made = {label_of(text) for text in [*texts, *(text.translate(MIRROR) for text in texts), "h"]}
    trends = {classify([np.linspace(*ends, 10)]).label[0] for ends in ((3, 5), (5, 3), (-3, -5), (-5, -3))}
    assert made | trends == set(LABELS)
    assert len(set(LABELS.values())) == 18


def test_mann_kendall_with_ties_as_worked_out_by_hand():
    # S = 6 of 1 1 2 2 3 less 2 ties: 8; variance (5*4*15 - 2*(2*1*9)) / 18 = 44 / 3
    np.testing.assert_allclose(mann_kendall([[1, 1, 2, 2, 3]]), 7 / np.sqrt(44 / 3))
    np.testing.assert_array_equal(mann_kendall([[4.0] * 9, [np.nan] * 9, [1.0] + [np.nan] * 8]), [0, 0, 0])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=30))
def test_mann_kendall_counts_as_kendalls_tau(values):
    if len(set(values)) < 2:
        return
    n, ties = len(values), np.unique(values, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    pairs = n * (n - 1) / 2
    tau = kendalltau(np.arange(n), values).statistic
    score = np.rint(tau * np.sqrt(pairs * (pairs - (ties * (ties - 1) / 2).sum())))
    np.testing.assert_allclose(mann_kendall([values])[0], (score - np.sign(score)) / np.sqrt(variance), atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("hc.?", min_size=12, max_size=12), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_areas_do_not_depend_on_each_other(texts, random):
    scores = np.array([series(text) for text in texts])
    order = list(range(len(texts)))
    random.shuffle(order)
    together = classify(scores)
    np.testing.assert_array_equal(classify(scores[order]).label, together.label[order])
    assert [label_of(text) for text in texts] == together.label.tolist()


@settings(deadline=None, max_examples=60)
@given(st.text("hc.?", min_size=10, max_size=14))
def test_hot_and_cold_are_treated_alike(text):
    hot, cold = label_of(text), label_of(text.translate(MIRROR))
    mirrored = hot.removeprefix("cold_") if hot.startswith("cold_") else f"cold_{hot}"
    assert cold == (hot if hot in ("none", "unknown") else mirrored)


def test_empty_input_and_wrong_input():
    empty = classify(np.empty((0, 10)))
    assert empty.label.shape == empty.trend_p.shape == (0,)
    for wrong, words in (([1.0, 2.0], "shape"), ([[np.inf] * 9], "infinite")):
        with pytest.raises(ValueError, match=words):
            classify(wrong)
    with pytest.raises(ValueError, match="alpha"):
        classify([series("..........")], alpha=0)
    with pytest.raises(ValueError, match="covered"):
        classify([series("..........")], covered=[True])


def test_what_it_tells():
    found = classify([series(text) for text in (".........h", "hhhhhhhhhh", "hhhhhhhhh.", "?????????h")])
    assert found.parameters == {"alpha": 0.05, "min_periods": 5, "n_periods": 10}
    assert found.uitleg.startswith(
        "Vergeleken: 4 gebieden, waarvan 1 sinds kort hoog, 1 bijna altijd hoog en 1 niet meer hoog"
    )
    assert "over 1 is te weinig bekend" in found.uitleg
