"""Which features a condition on properties finds. The features are in ``table.py``."""

from __future__ import annotations

import pytest

from geo_service.db.queries.cql2 import InvalidFilter
from tests.geo_service.cql2.table import Ding

ALL = {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TRUE", ALL),
        ("false", set()),
        ("naam = 'cafe'", {2}),
        ("NAAM = 'x' OR naam = 'cafe'", None),
        ("\"naam\" = 'cafe'", {2}),
        ("'cafe' = naam", {2}),
        ("naam <> 'cafe'", {1, 3, 4, 6}),
        ("aantal = 5", {1}),
        ("aantal = 5.0", {1}),
        ("aantal <> 5", {2, 3, 4, 6}),
        ("aantal < 5", {3, 4}),
        ("aantal <= 5", {1, 3, 4}),
        ("aantal > 5", {2, 6}),
        ("aantal >= 5", {1, 2, 6}),
        ("aantal > 4.5", {1, 2, 6}),
        ("aantal = -3", {4}),
        ("aantal = - 3", {4}),
        ("-aantal = 3", {4}),
        ("5 > aantal", {3, 4}),
        ("getal = .1", {2}),
        ("getal = 1e10", {4}),
        ("getal = 1.0E+10", {4}),
        ("getal = aantal + 9", set()),
        ("getal < aantal", {1, 2, 3, 6}),
        ("naam = code", {1, 4}),
        ("code = naam", {1, 4}),
        ("actief", {1, 3, 6}),
        ("actief = TRUE", {1, 3, 6}),
        ("actief = false", {2, 5}),
        ("actief <> true", {2, 5}),
        ("NOT actief", {2, 5}),
        ("actief = actief", {1, 2, 3, 5, 6}),
        ("1 = 1", ALL),
        ("1 = 2", set()),
        ("aantal IS NULL", {5}),
        ("aantal is not null", ALL - {5}),
        ("geometry IS NULL", {4}),
        ("geom IS NOT NULL", ALL - {4}),
        ("(aantal = 5) IS NULL", {5}),
        ("aantal + 1 IS NULL", {5}),
        ("naam = 'O''Brien'", {6}),
        (r"naam = 'O\'Brien'", {6}),
        ("naam = ''", set()),
    ],
)
def test_comparison(ding: Ding, text: str, found: set[int] | None):
    if found is None:
        with pytest.raises(InvalidFilter, match="NAAM"):
            ding.ids(text)
    else:
        assert ding.ids(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aantal = 5 AND actief", {1}),
        ("aantal = 5 OR aantal = 10", {1, 2}),
        ("aantal = 5 OR aantal = 10 AND actief", {1}),
        ("(aantal = 5 OR aantal = 10) AND actief", {1}),
        ("(aantal = 5 OR aantal = 10) AND NOT actief", {2}),
        ("NOT (aantal = 5 OR aantal = 10)", {3, 4, 6}),
        ("NOT NOT actief", {1, 3, 6}),
        ("not(actief)and(aantal=10)", {2}),
        ("aantal=5OR aantal=10", {1, 2}),
        ("((((((((((((((((((((aantal = 5))))))))))))))))))))", {1}),
        ("(((aantal = 5) OR (aantal = 10)) AND ((naam = 'cafe') OR (naam = 'Café')))", {1, 2}),
        # NULL is neither true nor false, and it spreads.
        ("aantal = 5 OR NOT (aantal = 5)", ALL - {5}),
        ("aantal = 5 OR actief = false", {1, 2, 5}),
        ("NOT (actief AND aantal > 100)", {1, 2, 3, 4, 5}),
        ("NOT (aantal = 5 AND FALSE)", ALL),
        ("aantal NOT IN (5, 10)", {3, 4, 6}),
        ("naam NOT LIKE 'C%'", {2, 4, 6}),
    ],
)
def test_logic_is_three_valued(ding: Ding, text: str, found: set[int]):
    assert ding.ids(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("naam LIKE 'C%'", {1, 3}),
        ("naam like '%'", ALL - {5}),
        ("naam like ''", set()),
        ("naam LIKE '_afe'", {2}),
        (r"naam LIKE '%\%'", {3}),
        (r"naam LIKE '%\_%'", set()),
        (r"naam LIKE 'O\'B%'", {6}),
        ("naam NOT LIKE '%a%'", {3, 6}),
        ("CASEI(naam) = CASEI('café')", {1}),
        ("CASEI(naam) LIKE CASEI('CAF%')", {1, 2, 3}),
        ("casei(naam) = 'cafe'", {2}),
        ("CASEI(naam) = CASEI('STRASSE')", {4}),
        ("CASEI(code) = CASEI('CAFÉ')", {1}),
        ("CASEI(naam) IN (CASEI('CAFE'), casei('strasse'))", {2, 4}),
        ("ACCENTI(naam) = ACCENTI('Cafe')", {1}),
        ("ACCENTI(naam) = 'Cafe'", {1}),
        ("naam = ACCENTI('café')", {2}),
        ("ACCENTI(CASEI(naam)) = ACCENTI(CASEI('CAFÉ'))", {1, 2}),
        ("CASEI(ACCENTI(naam)) LIKE casei(accenti('CÀFÈ%'))", {1, 2, 3}),
        ("aantal BETWEEN 0 AND 5", {1, 3}),
        ("aantal NOT BETWEEN 0 AND 5", {2, 4, 6}),
        ("NOT aantal BETWEEN 0 AND 5", {2, 4, 6}),
        ("aantal BETWEEN 5 AND 0", set()),
        ("aantal BETWEEN -5 AND 2 + 3 AND actief", {1, 3}),
        ("actief AND aantal BETWEEN (0) AND (10) OR naam = 'cafe'", {1, 2, 3}),
        ("naam BETWEEN 'C' AND 'D'", {1, 3}),
        ("aantal IN (5)", {1}),
        ("aantal IN (5, 10.0, 7)", {1, 2}),
        ("getal IN (0.1, 1.5)", {1, 2}),
        ("getal IN (3, 1.5)", {1, 6}),
        ("naam IN ('cafe', 'O''Brien')", {2, 6}),
        ("aantal IN ((2 + 3) * 2, aantal - 0)", {1, 2, 3, 4, 6}),
        ("actief IN (TRUE)", {1, 3, 6}),
        ("dag IN (DATE('2024-01-31'), DATE('2024-02-02'))", {1, 3}),
        ("5 IN (aantal, 7)", {1}),
        ("_x IS NULL", None),
    ],
)
def test_advanced_comparison(ding: Ding, text: str, found: set[int] | None):
    if found is None:
        with pytest.raises(InvalidFilter, match="'_x' bestaat niet"):
            ding.ids(text)
    else:
        assert ding.ids(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aantal + 1 = 6", {1}),
        ("aantal = 2 + 3", {1}),
        ("aantal = 11 - 1 - 5", {1}),
        ("aantal = 2 * 3 - 1", {1}),
        ("aantal = (2 + 3) * 2", {2}),
        ("aantal / 2 = 2.5", {1}),
        ("aantal div 2 = 2", {1}),
        ("aantal DIV 2 = -1", {4}),
        ("aantal % 4 = 1", {1, 6}),
        ("aantal % 2 = -1", {4}),
        ("aantal ^ 2 = 25", {1}),
        ("2 ^ aantal = 32", {1}),
        ("aantal = 2 + 3 ^ 1", {1}),
        ("aantal ^ 2 + aantal = 30", {1}),
        ("aantal = 8 / 4 / 2 + 4", {1}),
        ("getal * 2 = 0.2", {2}),
        ("getal + 0.2 = 0.3", {2}),
        # What has no outcome is unknown, never an error of the database.
        ("1 / aantal = 0 OR aantal = 0 AND actief", {3}),
        ("aantal % 0 = 1", set()),
        ("aantal div 0 IS NULL", ALL),
        ("0 ^ aantal IS NULL", {4, 5}),
        ("0 ^ aantal = 1", {3}),
        ("(getal ^ 0.5) IS NULL", {3, 5}),
        ("aantal * aantal * aantal * aantal > 0", {1, 2, 4, 6}),
        ("9e18 * 9e18 * 9e18 > getal", ALL - {5}),
        ("10 ^ 1000 > 0", set()),
        # Integers stay exact where a float would not.
        ("aantal = 9007199254740991 + 2", {6}),
        ("aantal = 9007199254740991 + 1", set()),
    ],
)
def test_arithmetic(ding: Ding, text: str, found: set[int]):
    assert ding.ids(text) == found


@pytest.mark.parametrize(
    "evil",
    [
        "'; drop table ding; --",
        "%s",
        "%(param_1)s",
        "' OR 1=1 --",
        "$1",
        "\\",
        "cafe\n",
        ":naam",
        "{0}",
        "x' UNION SELECT 1",
    ],
)
def test_what_looks_like_sql_is_only_a_value(ding: Ding, evil: str):
    assert ding.ids({"op": "=", "args": [{"property": "naam"}, evil]}) == set()
    assert ding.ids({"op": "in", "args": [{"property": "naam"}, [evil, "cafe"]]}) == {2}
    assert ding.ids("TRUE") == ALL
