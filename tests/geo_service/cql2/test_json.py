"""CQL2 JSON finds what CQL2 text finds. The features are in ``table.py``."""

from __future__ import annotations

from typing import Any

import cql2
import pytest

from geo_service.db.queries.cql2 import InvalidFilter, compile_filter
from tests.geo_service.cql2.table import Ding, vraag

NAAM, AANTAL, DAG, GEOM = ({"property": name} for name in ("naam", "aantal", "dag", "geometry"))


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (op("=", AANTAL, 5), {1}),
        (op("=", AANTAL, 5.0), {1}),
        (op("=", AANTAL, 9007199254740993), {6}),
        (op("=", AANTAL, 9007199254740992), set()),
        (op("=", NAAM, "O'Brien"), {6}),
        (op("=", NAAM, {"property": "code"}), {1, 4}),
        (op("and", op(">", AANTAL, 0), {"property": "actief"}), {1, 6}),
        (op("or", op("=", AANTAL, 5), op("=", AANTAL, 10), op("=", AANTAL, 0)), {1, 2, 3}),
        (op("not", {"property": "actief"}), {2, 5}),
        (op("isNull", AANTAL), {5}),
        (op("isNull", GEOM), {4}),
        (op("like", op("casei", NAAM), op("casei", "CAF%")), {1, 2, 3}),
        (op("like", op("accenti", NAAM), op("accenti", "Çafé")), {1}),
        (op("between", AANTAL, -3, 5), {1, 3, 4}),
        (op("in", AANTAL, [5, 10]), {1, 2}),
        (op("in", op("+", AANTAL, 1), [6, 11]), {1, 2}),
        (op("=", op("div", AANTAL, 2), 2), {1}),
        (op("<", DAG, {"date": "2024-01-31"}), {5}),
        (op("=", {"property": "tijd"}, {"timestamp": "2024-01-31T22:30:00Z"}), {1}),
        (op("t_intersects", DAG, {"interval": ["2024-01-31", "2024-02-02"]}), {1, 2, 3}),
        (op("t_after", {"interval": [{"property": "van"}, {"property": "tot"}]}, {"date": "2024-03-31"}), {2, 6}),
        (op("s_intersects", GEOM, {"bbox": [5.38, 52.15, 5.39, 52.16]}), {3}),
        (op("s_intersects", GEOM, {"bbox": [5.38, 52.15, -5, 5.39, 52.16, 5]}), {3}),
        (op("s_disjoint", GEOM, {"type": "LineString", "coordinates": [[5, 52, 1], [5, 53, 1]]}), {1, 2, 3, 5, 6}),
        (True, {1, 2, 3, 4, 5, 6}),
    ],
)
def test_json_finds(ding: Ding, tree: Any, found: set[int]):
    assert ding.ids(tree if isinstance(tree, dict) else op("and", tree, tree)) == found


@pytest.mark.parametrize(
    "text",
    [
        "naam = 'cafe' AND NOT (aantal = 5 OR aantal = 10)",
        "CASEI(naam) LIKE CASEI('c%') AND aantal + 1 * 2 > 0",
        "dag BETWEEN DATE('2024-01-01') AND DATE('2024-02-01')",
        "T_MEETS(INTERVAL(van, tot), INTERVAL('2024-03-31', '..'))",
        "S_INTERSECTS(geometry, MULTIPOLYGON(((5 52, 7 52, 7 53, 5 53, 5 52))))",
        "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(5 52), POLYGON((5 52, 6 52, 6 53, 5 52))))",
        "aantal IN (1, 2 + 3) OR naam IS NULL",
        "actief = TRUE",
    ],
)
def test_text_and_json_agree(ding: Ding, text: str):
    """The library turns text into JSON; ours finds the same with both."""
    assert ding.ids(text) == ding.ids(cql2.parse_text(text).to_json())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "geen geldige JSON"),
        ("NaN", "geen geldige JSON"),
        ("[" * 30_000, "te diep"),
        ('{"op":"not","args":[' * 2_500 + "true" + "]}" * 2_500, "te diep"),
        ('{"op":"not","args":[' * 200 + "true" + "]}" * 200, "te diep"),
        ('{"op":"in","args":[{"property":"aantal"},[' + "1," * 600 + "1]]}", "te veel onderdelen"),
        ('{"op":"=","args":[{"property":"aantal"},1e400]}', "te groot"),
        ('{"op":"=","args":[{"property":"aantal"},9223372036854775808]}', "te groot"),
        ('{"op":"=","args":[{"property":"aantal"},' + "9" * 5000 + "]}", "geen geldige JSON"),
        ('{"op":"=","args":[{"property":"aantal"},NaN]}', "geen geldige JSON"),
        ('{"op":"=","args":[{"property":"aantal"},null]}', "gebruik IS NULL"),
        ('{"op":"=","args":[{"property":"aantal"},[1]]}', "alleen na IN"),
        ('{"op":"=","args":[{"property":"aantal"},{}]}', "één waarde"),
        ('{"op":"=","args":[{"property":["aantal"]},1]}', "één waarde"),
        ('{"op":"=","args":[{"property":"naam"},"a\\u0000b"]}', "niet te lezen"),
        ('{"op":"=","args":[{"property":"naam"},"\\ud800"]}', "niet te lezen"),
        ('{"op":"\\ud800","args":[]}', "niet te lezen"),
        ('{"op":"=","args":[{"property":"aantal"}]}', "2 waarden"),
        ('{"op":"=","args":5}', "één waarde"),
        ('{"op":"and","args":[true]}', "minstens twee"),
        ('{"op":"in","args":[{"property":"aantal"},5]}', "minstens één waarde"),
        ('{"op":"in","args":[{"property":"aantal"},[]]}', "minstens één waarde"),
        ('{"op":"a_contains","args":[{"property":"naam"},["a"]]}', "geen eigenschap hier is een rij"),
        ('{"op":"foo","args":[]}', "'foo' kan hier niet"),
        ('"naam"', "voorwaarde"),
        ("5", "voorwaarde"),
    ],
)
def test_wrong_json_is_refused(text: str, reason: str):
    with pytest.raises(InvalidFilter, match=reason):
        compile_filter(text, "cql2-json", vraag())


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"type": "Cirkel", "coordinates": [1, 2]}, "'Cirkel'"),
        ({"type": ["Point"], "coordinates": [6, 52]}, "bestaat niet"),
        ({"type": "Point", "coordinates": []}, "leeg"),
        ({"type": "Point", "coordinates": [6]}, "aantal coördinaten"),
        ({"type": "Point", "coordinates": [True, 1]}, "geen getal"),
        ({"type": "Point", "coordinates": ["6", 52]}, "geen getal"),
        ({"type": "MultiPoint", "coordinates": []}, "leeg"),
        ({"bbox": "6,52,7,53"}, "aantal coördinaten"),
        ({"type": "GeometryCollection", "geometries": []}, "enkelvoudige"),
        ({"type": "GeometryCollection", "geometries": [5]}, "enkelvoudige"),
        ({"type": "Point"}, "vergelijkt geometrieën"),
    ],
)
def test_wrong_geometries_are_refused(ding: Ding, shape: Any, reason: str):
    with pytest.raises(InvalidFilter, match=reason):
        ding.ids(op("s_intersects", GEOM, shape))
