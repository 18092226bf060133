"""Rules of disclosure control, read as a manual: what is hidden, what stays, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import audit, cell_range, losses, protect, union_of
from tests.analysis.linked_tables import SMALL as LINKED
from tests.analysis.linked_tables import add_totals, make_table

GRID = {"rij": [{"T": list("wxyz")}], "kolom": [{"T": list("abcd")}]}
SMALL = {"gebied": [{"G": ["P", "Q"], "P": ["a", "b"], "Q": ["c", "d"]}], "soort": [{"alle": ["s", "t"]}]}


def reference_table(*, hidden):
    """The published 4 × 4 example with its totals; hidden: {row: columns}."""
    counts = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
    table = add_totals({"rij": list("wxyz"), "kolom": list("abcd")}, counts, GRID)
    marked = [k in hidden.get(r, "") for r, k in zip(table["rij"], table["kolom"], strict=True)]
    return table.assign(status=np.where(marked, "secondary", "ok"))


def small_table(counts):
    return add_totals({"gebied": list("abcd"), "soort": ["s", "t"]}, np.array(counts), SMALL)


def status_of(table, gebied, soort):
    return table.set_index(["gebied", "soort"])["status"][gebied, soort]


def test_the_published_example_leaves_one_cell_derivable():
    table = reference_table(hidden={"w": "abc", "x": "ac", "y": "bd", "z": "bd"})
    assert cell_range(table, ("w", "b"), hierarchies=GRID) == pytest.approx((47, 47))
    assert audit(table, hierarchies=GRID) == [("w", "b")]


def test_the_published_example_is_mended_by_one_cell():
    table = reference_table(hidden={"w": "abc", "x": "abc", "y": "bd", "z": "bd"})
    assert cell_range(table, ("w", "b"), hierarchies=GRID) == pytest.approx((0, 141))
    assert audit(table, hierarchies=GRID) == []


def test_protect_mends_the_published_example_itself():
    table = reference_table(hidden={})
    found = protect(table, hierarchies=GRID)
    assert audit(found, hierarchies=GRID) == []
    hidden = found[found["status"] != "ok"].set_index(["rij", "kolom"])["status"]
    assert hidden["x", "c"] == "primary"
    # a rectangle is the least that can hide one cell of a table with all its totals
    assert hidden.tolist().count("secondary") == 3


def test_a_separate_total_that_undoes_the_protection_is_found():
    table = reference_table(hidden={"w": "abc", "x": "abc", "y": "bd", "z": "bd"})
    elsewhere = pd.DataFrame({"rij": ["w"], "kolom": ["a+b"], "count": [77], "status": ["ok"]})
    more = {**GRID, "kolom": [*GRID["kolom"], {"a+b": ["a", "b"]}]}
    together = pd.concat([table, elsewhere], ignore_index=True)
    assert cell_range(together, ("w", "c"), hierarchies=more) == pytest.approx((64, 64))
    assert audit(together, hierarchies=more) == [("w", "c"), ("x", "c")]


@pytest.mark.parametrize("counts", [[[0, 0]] * 4, [[10, 12], [0, 30], [25, 11], [90, 10]]])
def test_where_nothing_is_small_nothing_is_hidden(counts):
    table = small_table(counts)
    assert protect(table, hierarchies=SMALL)["status"].tolist() == ["ok"] * len(table)
    assert audit(table, hierarchies=SMALL) == []


def test_small_is_primary_and_zero_is_published():
    table = small_table([[9, 40], [10, 0], [33, 21], [12, 55]])
    found = protect(table, hierarchies=SMALL)
    assert status_of(found, "a", "s") == "primary"
    assert status_of(found, "b", "t") == "ok"
    assert status_of(protect(table, hierarchies=SMALL, threshold=5), "a", "s") == "ok"
    assert audit(found, hierarchies=SMALL) == []


def test_two_contributors_that_hold_more_than_nine_tenths_make_a_cell_primary():
    table = small_table([[100, 40], [50, 60], [33, 21], [12, 55]]).assign(top1=1, top2=1)
    at = table.index[(table["gebied"] == "a") & (table["soort"] == "s")]
    for top1, top2, expected in ((60, 30, "ok"), (60, 31, "primary"), (100, 0, "primary"), (91, np.nan, "primary")):
        one = table.astype({"top1": float, "top2": float})
        one.loc[at, ["top1", "top2"]] = top1, top2
        found = protect(one, hierarchies=SMALL)
        assert status_of(found, "a", "s") == expected
        assert (found["status"] == "ok").all() == (expected == "ok")
        if expected == "primary":
            low, high = cell_range(found, ("a", "s"), hierarchies=SMALL)
            assert high - low >= 100 / 0.9 - 100
    assert audit(one.assign(status="ok"), hierarchies=SMALL) == [("a", "s")]


def test_a_small_total_that_its_parts_betray_is_secondary():
    """Six parts of 1 or 2 each: the published zeros tell that the total is at least 6. Were it known to be below 10
    as well, no suppression could help."""
    hierarchies = {"gebied": [{"G": list("abcdefgh")}]}
    table = add_totals({"gebied": list("abcdefgh")}, np.array([1, 1, 1, 2, 1, 1, 0, 0]), hierarchies)
    found = protect(table, hierarchies=hierarchies)
    assert found.set_index("gebied")["status"].to_dict() == {
        **dict.fromkeys("abcdef", "primary"), "g": "ok", "h": "ok", "G": "secondary",
    }  # fmt: skip
    assert audit(found, hierarchies=hierarchies) == []
    assert losses(found).small_secondary == 1
    everything_primary = found.assign(status=np.where(found["count"] > 0, "primary", "ok"))
    assert [cell for (cell,) in audit(everything_primary, hierarchies=hierarchies)] == list("abcdefG")


def test_the_only_part_of_such_a_total_is_secondary_as_well():
    """All seven are of one outcome: who knows that outcome to be below 10 knows as much of the total."""
    hierarchies = {
        "gebied": [{"G": ["a", "b"]}],
        "soort": [{"alle": list("stuvwx")}, {"alle": ["beantwoord", "verwezen"]}],
    }
    counts = {("a", code): 1 for code in "tuvwx"} | {("a", "s"): 2, ("b", "s"): 40}
    counts |= {("a", "beantwoord"): 7, ("b", "beantwoord"): 40, ("a", "alle"): 7, ("b", "alle"): 40}
    rows = [(own, code, n) for (own, code), n in counts.items()]
    for code in {code for _, code in counts}:
        rows.append(("G", code, counts.get(("a", code), 0) + counts.get(("b", code), 0)))
    table = pd.DataFrame(rows, columns=["gebied", "soort", "count"])
    found = protect(table, hierarchies=hierarchies)
    assert audit(found, hierarchies=hierarchies, informed=True) == []
    assert status_of(found, "a", "alle") == status_of(found, "a", "beantwoord") == "secondary"
    assert {status_of(found, "a", code) for code in "stuvwx"} == {"primary"}


def test_an_informed_outsider_knows_that_a_small_part_is_small_whatever_it_is_called():
    """8 + 8 = 16: between 7 and 9 each for who knows that they are below 10; of totals that is not assumed."""
    hierarchies = {"gebied": [{"G": ["a", "b"]}]}
    table = add_totals({"gebied": ["a", "b"]}, np.array([8, 8]), hierarchies)
    called_secondary = table.assign(status=np.where(table["gebied"] == "G", "ok", "secondary"))
    assert audit(called_secondary, hierarchies=hierarchies) == []
    assert audit(called_secondary, hierarchies=hierarchies, informed=True) == [("a",), ("b",)]
    of_totals = {"gebied": [{"G": ["a", "b"], "a": ["p", "q"], "b": ["r", "s"]}]}
    deeper = add_totals({"gebied": list("pqrs")}, np.array([4, 4, 4, 4]), of_totals)
    deeper = deeper.assign(
        status=np.select([deeper["gebied"] == "G", deeper["count"] == 8], ["ok", "secondary"], "primary")
    )
    assert audit(deeper, hierarchies=of_totals, informed=True) == []


def test_linked_divisions_are_protected_together():
    counts = [[3, 40], [30, 25], [22, 31], [41, 62]]
    linked = {**SMALL, "gebied": [*SMALL["gebied"], {"G": ["X", "Y"], "X": ["a", "c"], "Y": ["b", "d"]}]}
    table = add_totals({"gebied": list("abcd"), "soort": ["s", "t"]}, np.array(counts), linked)
    one_division = table[~table["gebied"].isin(["X", "Y"])]
    alone = protect(one_division, hierarchies=SMALL)
    assert audit(alone, hierarchies=SMALL) == []
    careless = table.assign(status="ok")
    careless.loc[alone.index, "status"] = alone["status"]
    assert ("a", "s") in audit(careless, hierarchies=linked)
    assert audit(protect(table, hierarchies=linked), hierarchies=linked) == []


def test_what_was_published_before_stays_and_audit_tells_what_it_gives_away():
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]])
    total_row = (table["gebied"] != "a") & (table["gebied"] != "b")
    found = protect(table, hierarchies=SMALL, published=total_row.to_numpy())
    assert found["status"][total_row].eq("ok").all()
    assert audit(found, hierarchies=SMALL) == []
    all_but_one = ~((table["gebied"] == "a") & (table["soort"] == "s"))
    given_away = protect(table, hierarchies=SMALL, published=all_but_one)
    assert given_away["status"].ne("ok").sum() == 1
    assert audit(given_away, hierarchies=SMALL) == [("a", "s")]
    frozen = protect(table, hierarchies=SMALL, published=np.ones(len(table), dtype=bool))
    assert audit(frozen, hierarchies=SMALL) == [("a", "s")]


def test_staff_see_more_and_never_less_than_the_public():
    table = small_table([[3, 40], [30, 7], [22, 31], [41, 62]])
    staff = protect(table, hierarchies=SMALL, threshold=5)
    public = protect(table, hierarchies=SMALL, threshold=10, suppressed=staff["status"] != "ok")
    assert (public["status"].ne("ok") >= staff["status"].ne("ok")).all()
    together = union_of([public, staff], hierarchies=SMALL)
    pd.testing.assert_series_equal(together["status"].eq("ok"), staff["status"].eq("ok"))
    assert audit(together, hierarchies=SMALL, threshold=5) == []
    assert audit(public, hierarchies=SMALL, threshold=10) == []


def test_two_safe_releases_can_be_unsafe_together():
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]])

    def hiding(*cells):
        status = [
            "secondary" if (g, s) in cells else "ok" for g, s in zip(table["gebied"], table["soort"], strict=True)
        ]
        at = (table["gebied"] == "a") & (table["soort"] == "s")
        return table.assign(status=np.where(at, "primary", status))

    first = hiding(("a", "t"), ("b", "s"), ("b", "t"))
    second = hiding(("a", "t"), ("P", "s"), ("P", "t"), ("c", "s"), ("c", "t"), ("Q", "s"), ("Q", "t"))
    for one in (first, second):
        assert audit(one, hierarchies=SMALL) == []
    assert ("a", "s") in audit(union_of([first, second], hierarchies=SMALL), hierarchies=SMALL)
    with pytest.raises(ValueError, match="different counts"):
        union_of([first, second.assign(count=second["count"] + 1)], hierarchies=SMALL)


def test_weights_move_the_loss_elsewhere():
    table = small_table([[3, 40], [30, 41], [22, 31], [41, 62]])
    plain = protect(table, hierarchies=SMALL)
    assert status_of(plain, "b", "s") == "secondary"
    dear = np.where((table["gebied"] == "b") & (table["soort"] == "s"), 1000.0, 1.0)
    spared = protect(table, hierarchies=SMALL, weights=dear)
    assert status_of(spared, "b", "s") == "ok"
    assert audit(spared, hierarchies=SMALL) == []


def test_missing_cells_are_no_zeros():
    table = small_table([[12, 40], [30, 25], [22, 31], [41, 62]]).astype({"count": float})
    absent = (table["gebied"] == "b") & (table["soort"] == "s")
    # the total knows more than its known parts: the missing one stays unknown
    found = protect(table.assign(count=table["count"].mask(absent)), hierarchies=SMALL)
    assert found["status"].tolist() == np.where(absent, "ontbreekt", "ok").tolist()
    # totals of what is covered only: the missing cell takes no part in them
    covered = small_table([[3, 40], [0, 25], [22, 31], [41, 62]]).assign(status="ok")
    covered.loc[absent, ["count", "status"]] = 99, "niet_gedekt"
    found = protect(covered, hierarchies=SMALL)
    assert status_of(found, "b", "s") == "niet_gedekt"
    assert status_of(found, "a", "s") == "primary"
    assert status_of(found, "P", "s") == "primary"
    assert audit(found, hierarchies=SMALL) == []
    given_away = found.assign(status=found["status"].mask((found["gebied"] == "P") & (found["soort"] == "s"), "ok"))
    assert ("a", "s") in audit(given_away, hierarchies=SMALL)


def test_a_missing_total_still_ties_its_divisions():
    linked = {
        "gebied": [
            {"G": ["P", "Q"], "P": ["a", "b"], "Q": ["c", "d"]},
            {"G": ["X", "Y"], "X": ["a", "c"], "Y": ["b", "d"]},
        ]
    }
    table = add_totals({"gebied": list("abcd")}, np.array([30, 40, 50, 60]), linked).astype({"count": float})
    table.loc[table["gebied"] == "G", "count"] = np.nan
    table["status"] = np.where(table["gebied"].isin(["P"]), "secondary", "ok")
    # X + Y = P + Q, whatever their sum
    assert cell_range(table.assign(), ("P",), hierarchies=linked) == pytest.approx((70, 70))
    no_parts = {"gebied": [{"G": ["P", "Q"]}, {"G": ["X", "Y"]}]}
    tops = table[table["gebied"].isin(["G", "P", "Q", "X", "Y"])]
    assert cell_range(tops, ("P",), hierarchies=no_parts) == pytest.approx((70, 70))
    assert audit(tops, hierarchies=no_parts) == [("P",)]


def test_the_view_from_outside_is_enough_to_audit():
    """Without the counts of the suppressed cells, as a reader has the table."""
    table = reference_table(hidden={"w": "abc", "x": "ac", "y": "bd", "z": "bd"})
    hidden = table["status"] != "ok"
    outside = table.assign(status=table["status"].mask(hidden, "onderdrukt"), count=table["count"].mask(hidden))
    assert audit(outside, hierarchies=GRID) == [("w", "b")]


def test_a_cell_that_nothing_bounds_has_no_end():
    table = pd.DataFrame({"gebied": ["a", "G"], "count": [30, 30], "status": ["secondary"] * 2})
    assert cell_range(table, ("a",), hierarchies={"gebied": {"G": ["a"]}}) == (0, np.inf)
    assert cell_range(table.assign(status="ok"), ("a",), hierarchies={"gebied": {"G": ["a"]}}) == (30, 30)
    with pytest.raises(KeyError):
        cell_range(table, ("b",), hierarchies={"gebied": {"G": ["a"]}})


def test_the_result_is_a_copy_with_one_column_more():
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]]).assign(naam="x")
    table.index = table.index[::-1] + 100
    before = table.copy(deep=True)
    found = protect(table, hierarchies=SMALL)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(found.drop(columns="status"), before)
    pd.testing.assert_frame_equal(protect(found, hierarchies=SMALL), found)


def test_an_empty_table_and_one_without_totals():
    empty = pd.DataFrame({"gebied": [], "count": []})
    assert protect(empty, hierarchies={"gebied": []})["status"].tolist() == []
    assert audit(empty, hierarchies={"gebied": []}) == []
    loose = pd.DataFrame({"gebied": ["a", "b"], "count": [3, 30]})
    assert protect(loose, hierarchies={"gebied": []})["status"].tolist() == ["primary", "ok"]


def test_losses_tell_what_is_hidden():
    found = protect(reference_table(hidden={}), hierarchies=GRID)
    lost = losses(found)
    assert (lost.published, lost.primary, lost.secondary, lost.missing, lost.small_secondary) == (21, 1, 3, 0, 0)
    assert lost.secondary_value == found["count"][found["status"] == "secondary"].sum()
    assert lost.parameters == {"threshold": 10}
    assert lost.uitleg == (
        "Onderdrukt: 4 van 25 cijfers, waarvan 3 alleen om een ander niet te verraden; een onderdrukt cijfer is geen "
        "nul."
    )


def broken(change):
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]])
    at = (table["gebied"] == "P") & (table["soort"] == "s")
    return {
        "sum": table.assign(count=table["count"].mask(at, 34)),
        "total": table[table["gebied"] != "P"],
        "one total": table[~at],
        "double": pd.concat([table, table[at]]),
        "code": table.assign(gebied=table["gebied"].replace("a", "elders")),
        "nameless": table.assign(gebied=table["gebied"].mask(at)),
        "negative": table.assign(count=-table["count"]),
        "half": table.assign(count=table["count"] + 0.5),
        "endless": table.assign(count=np.inf),
        "column": table.drop(columns="soort"),
        "tops": table.assign(top1=1, top2=2),
        "status": table.assign(status="geheim"),
    }[change]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("sum", r"3 totals do not add up, first gebied 'G', soort 's': 96 against 97 for its parts"),
        ("total", r"no row for the total gebied 'P'"),
        ("one total", r"2 totals do not add up, first gebied 'G', soort 's': 96 against 63 for its parts"),
        ("double", r"more than one row for gebied 'P', soort 's'"),
        ("code", r"gebied has codes that its hierarchies do not know: \['elders'\]"),
        ("nameless", "gebied has rows without a code"),
        ("negative", "below zero"),
        ("half", "whole numbers"),
        ("endless", "infinite"),
        ("column", "no column soort"),
        ("tops", "top1"),
        ("status", "geheim"),
    ],
)
@pytest.mark.parametrize("function", [protect, audit])
def test_tables_that_do_not_fit_are_refused(function, change, words):
    with pytest.raises(ValueError, match=words):
        function(broken(change), hierarchies=SMALL)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"threshold": 0}, "threshold"),
        ({"threshold": 2.5}, "threshold"),
        ({"hierarchies": {}}, "hierarchies"),
        ({"hierarchies": {**SMALL, "gebied": 5}}, "gebied"),
        ({"hierarchies": {**SMALL, "soort": [{"alle": ["s", "s"]}]}}, "distinct"),
        ({"published": [True]}, "shape"),
        ({"published": np.ones(21, dtype=bool), "suppressed": np.ones(21, dtype=bool)}, "both"),
        ({"weights": np.zeros(21)}, "weights"),
    ],
)
def test_senseless_arguments_are_refused(arguments, words):
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]])
    assert len(table) == 21
    with pytest.raises(ValueError, match=words):
        protect(table, **{"hierarchies": SMALL, **arguments})


def test_codes_and_maps_may_take_any_natural_form():
    table = small_table([[3, 40], [30, 25], [22, 31], [41, 62]])
    expected = protect(table, hierarchies=SMALL)["status"].tolist()
    numbers = {code: k for k, code in enumerate(sorted(set(table["gebied"])))}
    other_maps = {"gebied": {k: set(parts) for k, parts in SMALL["gebied"][0].items()}, "soort": [SMALL["soort"]]}
    nullable = table.astype({"gebied": "category", "count": "Int64"})
    assert protect(nullable, hierarchies=other_maps)["status"].tolist() == expected
    by_number = {
        "gebied": [{numbers[k]: [numbers[part] for part in parts] for k, parts in SMALL["gebied"][0].items()}],
        "soort": SMALL["soort"],
    }
    renamed = protect(table.assign(gebied=table["gebied"].map(numbers)), hierarchies=by_number)
    assert renamed["status"].tolist() == expected
    assert audit(renamed.assign(status="ok"), hierarchies=by_number) == [(numbers["a"], "s")]


def test_a_large_table_takes_other_roads_to_the_same_safety(monkeypatch):
    for name, limit in (("search._SMALL", 50), ("lp._LARGE", 100)):
        monkeypatch.setattr(f"analysis.disclosure.{name}", limit)
    table, hierarchies = make_table(7, replace(LINKED, buurten=9, subs=9, heads=3))
    found = protect(table, hierarchies=hierarchies)
    assert audit(found, hierarchies=hierarchies) == []
    assert found["status"].eq("primary").sum() > 50
    assert found["status"].eq("ok").sum() > found["count"].eq(0).sum()
