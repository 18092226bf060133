"""Whatever a filter holds: it is executed without an error of the database, or it is an InvalidFilter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import column, select

from geo_service.db.queries.selectie import compile_statement
from tests.geo_service.cql2.table import SOORTEN, Ding, compiled

OFTEN = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

texts = st.text(max_size=8) | st.sampled_from(
    ["", "%", "\\", "\\%", "a\\", "'", "Café", "é\u0301", "\\\u0301", "..", "2024-01-01"]
)
numbers = st.integers(-(2**63), 2**63) | st.floats() | st.sampled_from([0, 1, -1, 0.5, -0.0, 1e18, 1e-300, 2**53 + 1])
days = st.dates().map(str) | texts
moments = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | texts
properties = st.sampled_from([*SOORTEN, "geometry", "foo"]).map(lambda name: {"property": name})
ends = days | moments | properties | st.just("..")
times = (
    days.map(lambda day: {"date": day})
    | moments.map(lambda moment: {"timestamp": moment})
    | st.lists(ends, min_size=1, max_size=3).map(lambda both: {"interval": both})
)
coordinates = st.floats(-200, 200) | st.floats(2, 55) | st.sampled_from([6, 52, 6.9, 52.2, 2**70])
positions = st.lists(coordinates, min_size=1, max_size=4)
shapes = st.one_of(
    st.lists(coordinates, min_size=3, max_size=6).map(lambda box: {"bbox": box}),
    st.tuples(st.sampled_from(["LineString", "MultiPoint"]), st.lists(positions, max_size=5)).map(
        lambda made: {"type": made[0], "coordinates": made[1]}
    ),
    positions.map(lambda point: {"type": "Point", "coordinates": point}),
    st.tuples(st.floats(5, 7), st.floats(51, 53), st.floats(0, 1)).map(
        lambda s: {
            "type": "Polygon",
            "coordinates": [[[s[0], s[1]], [s[0] + s[2], s[1]], [s[0], s[1] + s[2]], [s[0], s[1]]]],
        }
    ),
)
values = st.one_of(texts, numbers, st.booleans(), st.none(), properties, times, shapes)
OPERATORS = [
    *("and", "or", "not", "=", "<>", "<", "<=", ">", ">=", "isNull", "like", "between", "in", "casei", "accenti"),
    *("+", "-", "*", "/", "^", "%", "div", "a_equals", "foo"),
    *("s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains"),
    *("t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedby", "t_finishes"),
    *("t_intersects", "t_meets", "t_metby", "t_overlappedby", "t_overlaps", "t_startedby", "t_starts"),
]


def op(names: str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the operators with these arguments."""
    chosen = st.sampled_from(names.split())
    return st.builds(lambda name, given: {"op": name, "args": list(given)}, chosen, st.tuples(*args))


def _operation(args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(args | st.lists(args, max_size=3), min_size=1, max_size=3)
    return st.builds(lambda op, args: {"op": op, "args": args}, st.sampled_from(OPERATORS), listed)


anything = st.recursive(values, _operation, max_leaves=12)


def _typed(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Filters that are right more often than not."""

    def op(names: str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(
            lambda op, args: {"op": op, "args": list(args)}, st.sampled_from(names.split()), st.tuples(*args)
        )

    return st.one_of(op("and or", children, children), op("not isNull", children))


def _leaves() -> st.SearchStrategy[Any]:
    def op(names: str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(
            lambda op, args: {"op": op, "args": list(args)}, st.sampled_from(names.split()), st.tuples(*args)
        )

    def prop(*names: str) -> st.SearchStrategy[Any]:
        return st.sampled_from([{"property": name} for name in names])

    finite = (
        st.integers(-(2**53), 2**53) | st.floats(-1e18, 1e18) | st.sampled_from([0, 1, -1, 2, 0.5, -0.5, 1e-300, 1000])
    )
    number = st.recursive(
        finite | prop("aantal", "getal"), lambda side: op("+ - * / % div ^", side, side), max_leaves=6
    )
    word = st.recursive(
        st.text(max_size=5) | prop("naam", "code"), lambda side: op("casei accenti", side), max_leaves=3
    )
    pattern = st.recursive(st.text("a%_\\é\u0301", max_size=6), lambda side: op("casei accenti", side), max_leaves=3)
    time = (
        prop("dag", "tijd", "van")
        | st.dates().map(lambda day: {"date": str(day)})
        | st.datetimes().map(lambda moment: {"timestamp": f"{moment.isoformat()}Z"})
    )
    end = prop("van", "tot", "tijd") | st.just("..") | st.dates().map(str)
    span = st.lists(end, min_size=2, max_size=2).map(lambda ends: {"interval": ends})
    place = prop("geometry") | shapes
    return st.one_of(
        op("= <> < <= > >=", number, number),
        op("= <> < <= > >=", word, word),
        op("= <> < <= > >=", time, time),
        op("between", number, number, number),
        op("in", number, st.lists(number, min_size=1, max_size=3)),
        op("in", word, st.lists(word, min_size=1, max_size=3)),
        op("like", word, pattern),
        op(" ".join(name for name in OPERATORS if name.startswith("t_")), span | time, span | time),
        op(" ".join(name for name in OPERATORS if name.startswith("s_")), place, place),
    )


@OFTEN
@given(tree=anything)
def test_any_tree(ding: Ding, tree: Any):
    _execute(ding, tree)


@settings(OFTEN, max_examples=500)
@given(tree=st.recursive(_leaves(), _typed, max_leaves=4))
def test_trees_that_are_nearly_right(ding: Ding, tree: Any):
    _execute(ding, tree)


def _execute(ding: Ding, tree: Any) -> None:
    found = compiled(json.dumps(tree), "cql2-json")
    if isinstance(found, str):
        assert found.endswith(".")
    else:
        assert ding.matching(found) <= {1, 2, 3, 4, 5, 6}


SIGNS = list("(),=<>+-*/^%.'\"\\:_;!é\n\x00\ud800")
KEYWORDS = ["<>", "NOT", "AND", "OR", "IN", "LIKE", "BETWEEN", "IS", "NULL", "TRUE", "div", "IS NOT NULL", "EMPTY", "Z"]
PIECES = ["'a'", "DATE('2024-01-01')", "INTERVAL('..',", "POINT(6 52)", "POLYGON((", "BBOX(1,2,3,4)", "1", "2.5", "1e9"]
OPENED = ["S_INTERSECTS(", "CASEI(", "T_AFTER(", "GEOMETRYCOLLECTION(", "naam", "aantal", "dag", "geometry"]
WORDS = SIGNS + KEYWORDS + PIECES + OPENED


@settings(OFTEN, max_examples=800)
@given(text=st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_text(text: str):
    found = compiled(text)
    if isinstance(found, str):
        assert found.endswith(".")
        found.encode()
    else:
        compile_statement(select(1).where(found))


@OFTEN
@given(name=st.text(min_size=1, max_size=20))
def test_values_stay_values(ding: Ding, name: str):
    """No text of a user is ever part of the statement."""
    found = compiled(json.dumps({"op": "=", "args": [{"property": "naam"}, name]}), "cql2-json")
    if isinstance(found, str):
        assert "\x00" in name
        return
    sql, values = compile_statement(select(column("id")).where(found))
    assert sql.replace("\n", "") == "SELECT id WHERE naam = %(param_1)s::VARCHAR"
    assert values == {"param_1": name}


@pytest.mark.parametrize("depth", [45])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda tree: {"op": "not", "args": [{"op": "and", "args": [tree, True]}]},
        lambda tree: {"op": "isNull", "args": [tree]},
        lambda tree: {"op": "or", "args": [tree, {"op": "=", "args": [{"property": "aantal"}, 1]}]},
    ],
)
def test_deep_trees_are_compiled(ding: Ding, depth: int, wrap: Any):
    tree: Any = {"property": "actief"}
    for _ in range(depth // 2):
        tree = wrap(tree)
    assert ding.ids(tree) <= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "%", "div"])
def test_deep_sums_are_compiled(ding: Ding, op: str):
    tree: Any = {"property": "getal"}
    for _ in range(45):
        tree = {"op": op, "args": [tree, {"op": "^", "args": [{"property": "aantal"}, 2]}]}
    assert ding.ids({"op": ">", "args": [tree, 0]}) <= {1, 2, 3, 4, 5, 6}
