"""The attack on a protected table: audit against a second attacker who was written apart from it."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.disclosure import audit, cell_range, protect
from tests.analysis.linked_tables import SMALL, add_totals, make_table

TOTALS = {"rij": [{"T": ["r0", "r1"]}], "kolom": [{"T": ["k0", "k1", "k2"]}]}

FOUR = {
    "gebied": [
        {"G": ["P", "Q"], "P": ["a", "b"], "Q": ["c", "d"]},
        {"G": ["X", "Y"], "X": ["a", "c"], "Y": ["b", "d"]},
    ],
    "soort": [{"alle": ["s", "t", "u"]}],
}


class Attacker:
    """Bounds by plain linear programs over all cells of a table, published ones held at their count: no presolve,
    no components, no shared code with what it judges."""

    def __init__(self, table, hierarchies, threshold=10):
        self.keys = list(table[list(hierarchies)].itertuples(index=False, name=None))
        self.at = {key: k for k, key in enumerate(self.keys)}
        self.hidden = [status in ("primary", "secondary") for status in table["status"]]
        self.bounds = [
            ((1, threshold - 1) if status == "primary" and count < threshold else (0, None))
            if hidden
            else (count, count)
            for status, count, hidden in zip(table["status"], table["count"], self.hidden, strict=True)
        ]
        self.sums = csr_array(np.array(list(self._rows(hierarchies))))

    def _rows(self, hierarchies):
        for axis, maps in enumerate(hierarchies.values()):
            for children in maps:
                for total, parts in children.items():
                    for key in self.keys:
                        if key[axis] == total:
                            row = np.zeros(len(self.keys))
                            row[self.at[key]] = 1
                            for part in parts:
                                row[self.at[(*key[:axis], part, *key[axis + 1 :])]] = -1
                            yield row

    def range_of(self, key):
        goal = np.zeros(len(self.keys))
        goal[self.at[key]] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * goal, A_eq=self.sums, b_eq=np.zeros(self.sums.shape[0]), bounds=self.bounds)
            assert found.status in (0, 3), found.message
            ends.append(found.fun * sign if found.status == 0 else np.inf)
        return tuple(ends)

    def exposed(self, threshold=10, every=1):
        """The exposed cells among every so many suppressed ones."""
        asked = [key for key, hidden in zip(self.keys, self.hidden, strict=True) if hidden][::every]
        ranges = {key: self.range_of(key) for key in asked}
        return [key for key, (low, high) in ranges.items() if high - low < threshold / 2 - 1e-6]


def primary_only(table, threshold=10):
    small = table["count"].between(1, threshold - 1)
    return table.assign(status=np.where(small, "primary", "ok"))


@pytest.mark.parametrize(
    ("seed", "every"), [(0, 25), (1, 25), *[pytest.param(seed, 1, marks=pytest.mark.proof) for seed in range(20)]]
)
def test_audit_lists_what_the_attacker_finds_and_nothing_after_protect(seed, every):
    table, hierarchies = make_table(seed, SMALL)
    assert len(table) == 600
    before = primary_only(table)
    exposed = audit(before, hierarchies=hierarchies)
    asked = [key for key, hidden in zip(*_keys_and_hidden(before), strict=True) if hidden][::every]
    assert [key for key in exposed if key in set(asked)] == Attacker(before, hierarchies).exposed(every=every)
    # the sums of three linked divisions give away most of what primary suppression hides
    assert len(exposed) > 0.08 * before["status"].eq("primary").sum()
    assert audit(table, hierarchies=hierarchies) == exposed

    after = protect(table, hierarchies=hierarchies)
    assert audit(after, hierarchies=hierarchies) == []
    assert Attacker(after, hierarchies).exposed(every=every) == []
    assert not (after["status"].ne("ok") & after["count"].eq(0)).any()
    assert not (after["status"].eq("ok") & after["count"].between(1, 9)).any()


def _keys_and_hidden(table):
    return list(table[["gebied", "categorie"]].itertuples(index=False, name=None)), table["status"].ne("ok")


@pytest.mark.parametrize("threshold", [5, 10])
def test_no_table_of_a_small_town_is_exposed(threshold):
    """Many more tables, of a size at which the attacker can try every cell."""
    for seed in range(3):
        table, hierarchies = _small_town(seed)
        before = primary_only(table, threshold)
        attacker = Attacker(before, hierarchies, threshold)
        assert audit(before, hierarchies=hierarchies, threshold=threshold) == attacker.exposed(threshold)
        after = protect(table, hierarchies=hierarchies, threshold=threshold)
        assert Attacker(after, hierarchies, threshold).exposed(threshold) == []


def _small_town(seed):
    rng = np.random.default_rng(seed)
    hierarchies = {
        "gebied": [
            {"G": ["P", "Q"], "P": ["a", "b"], "Q": ["c", "d", "e"]},
            {"G": ["X", "Y"], "X": list("ace"), "Y": list("bd")},
        ],
        "categorie": [{"alle": ["h", "i"], "h": ["s", "t", "u"]}],
    }
    counts = rng.poisson(rng.gamma(0.8, 10, (5, 4)))
    return add_totals({"gebied": list("abcde"), "categorie": list("istu")}, counts, hierarchies), hierarchies


@st.composite
def two_way_tables(draw):
    """2 × 3 counts with totals, any cells suppressed but the grand total, primary where small."""
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=6, max_size=6))).reshape(2, 3)
    table = add_totals({"rij": ["r0", "r1"], "kolom": ["k0", "k1", "k2"]}, counts, TOTALS)
    hidden = np.array(draw(st.lists(st.booleans(), min_size=12, max_size=12)))
    hidden &= ~(table["rij"].eq("T") & table["kolom"].eq("T")).to_numpy()
    small = table["count"].between(1, 2)
    return table.assign(status=np.where(hidden, np.where(small, "primary", "secondary"), "ok"))


@settings(deadline=None, max_examples=25)
@given(two_way_tables())
def test_bounds_are_those_of_all_tables_that_fit(table):
    """In a two-way table the bounds are whole numbers, so that trying every table must give the same."""
    fits = _all_tables_that_fit(table, threshold=3)
    for at, key in enumerate(table[["rij", "kolom"]].itertuples(index=False, name=None)):
        expected = (fits[:, at].min(), fits[:, at].max())
        assert cell_range(table, key, hierarchies=TOTALS, threshold=3) == pytest.approx(expected, abs=1e-6)


def _all_tables_that_fit(table, threshold):
    total = int(table["count"].max())
    # six counts of one sum: five bars among total + 5 places
    bars = np.array(list(itertools.combinations(range(total + 5), 5)))
    edges = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), total + 5)])
    cells = (np.diff(edges, axis=1) - 1).reshape(-1, 2, 3)
    whole = np.concatenate([cells, cells.sum(axis=1, keepdims=True)], axis=1)
    whole = np.concatenate([whole, whole.sum(axis=2, keepdims=True)], axis=2)
    order = [
        (["r0", "r1", "T"].index(r), ["k0", "k1", "k2", "T"].index(k))
        for r, k in zip(table["rij"], table["kolom"], strict=True)
    ]
    every = np.column_stack([whole[:, r, k] for r, k in order])
    shown, primary = table["status"].eq("ok").to_numpy(), table["status"].eq("primary").to_numpy()
    ok = (every[:, shown] == table["count"].to_numpy()[shown]).all(axis=1)
    ok &= ((every[:, primary] >= 1) & (every[:, primary] < threshold)).all(axis=1)
    return every[ok]


@settings(deadline=None, max_examples=8)
@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=12),
    st.sampled_from([3, 4, 5, 10]),
    st.randoms(use_true_random=False),
)
def test_nothing_small_is_left_open_in_any_table(counts, threshold, random):
    table = add_totals({"gebied": list("abcd"), "soort": list("stu")}, np.array(counts).reshape(4, 3), FOUR)
    found = protect(table, hierarchies=FOUR, threshold=threshold)
    assert audit(found, hierarchies=FOUR, threshold=threshold) == []
    assert audit(found, hierarchies=FOUR, threshold=threshold, informed=True) == []
    assert Attacker(found, FOUR, threshold).exposed(threshold) == []
    assert found["status"].eq("ok")[table["count"] == 0].all()
    assert found["status"].ne("ok")[table["count"].between(1, threshold - 1)].all()

    order = list(range(len(table)))
    random.shuffle(order)
    shuffled = protect(table.iloc[order], hierarchies=FOUR, threshold=threshold)
    pd.testing.assert_frame_equal(shuffled.sort_index(), found)
