"""Every wrong filter is one clear sentence, quickly: also what would crash or stall the parser of the library."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from geo_service.db.queries.cql2 import CONFORMANCE, FilterVraag, InvalidFilter, Kolom, compile_filter
from tests.geo_service.cql2.table import compiled, vraag

# Far more than any takes, and far less than what grows with the number of combinations.
SECONDS = 2


def refuse(text: str) -> str:
    with pytest.raises(InvalidFilter) as caught:
        compile_filter(text, "cql2-text", vraag())
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Het filter is leeg."),
        ("  \n", "Het filter is leeg."),
        (
            "aantal = 'veel'",
            "De eigenschap 'aantal' (een geheel getal) kan niet worden vergeleken met de tekst 'veel'.",
        ),
        (
            "foo = 1",
            "De eigenschap 'foo' bestaat niet. "
            "Kies uit naam, code, aantal, getal, actief, dag, tijd, van, tot, geometry.",
        ),
        ("naam = 5", "De eigenschap 'naam' (een tekst) kan niet worden vergeleken met het getal 5."),
        ("5 = naam", "Het getal 5 kan niet worden vergeleken met de eigenschap 'naam' (een tekst)."),
        (
            "aantal IN (1, 'a')",
            "De eigenschap 'aantal' (een geheel getal) kan niet worden vergeleken met de tekst 'a'.",
        ),
        ("naam < TRUE", "De eigenschap 'naam' (een tekst) kan niet worden vergeleken met de waarde TRUE."),
        ("actief > FALSE", "De eigenschap 'actief' (waar of onwaar) heeft geen volgorde; gebruik = of <>."),
        ("naam + 1 = 2", "Rekenen met + kan alleen met getallen, niet met de eigenschap 'naam' (een tekst)."),
        ("aantal", "Een filter is een voorwaarde; de eigenschap 'aantal' (een geheel getal) is dat niet."),
        ("aantal AND actief", "Een filter is een voorwaarde; de eigenschap 'aantal' (een geheel getal) is dat niet."),
        ("aantal LIKE '5%'", "LIKE werkt op een tekst, niet op de eigenschap 'aantal' (een geheel getal)."),
        ("naam LIKE code", "Na LIKE hoort een tekst tussen aanhalingstekens, niet de eigenschap 'code' (een tekst)."),
        ("naam LIKE '\\\\\\\\\\'", "De aanhalingstekens ' op plaats 11 worden niet gesloten."),
        ("CASEI(aantal) = 'a'", "CASEI werkt op een tekst, niet op de eigenschap 'aantal' (een geheel getal)."),
        ("CASEI(ACCENTI(CASEI(naam))) = 'a'", "CASEI binnen CASEI kan niet in een filter; één keer is genoeg."),
        ("CASEI(naam, code) = 'a'", "CASEI hoort 1 waarde te hebben."),
        ("naam = NULL", "NULL is geen waarde om mee te vergelijken; gebruik IS NULL."),
        ("aantal = 9007199254740992", "Het getal '9007199254740992' is te groot; hoogstens 9007199254740991."),
        ("aantal = 1e400", "Het getal '1e400' is te groot."),
        ("aantal = 1e19", "Het getal '1e+19' is te groot."),
        ("aantal ^ 2 ^ 2 = 1", "Zet haakjes om te zeggen welke macht (^) eerst gaat."),
        ("(aantal ^ 2) ^ 2 = 1", "Een macht (^) van een macht kan niet in een filter."),
        ("naam = 'a", "De aanhalingstekens ' op plaats 8 worden niet gesloten."),
        ('"naam = 1', 'De aanhalingstekens " op plaats 1 worden niet gesloten.'),
        ("naam = 'a'; drop", "Het teken ';' op plaats 11 hoort niet in een filter."),
        ("naam = 'a\x00'", "Het filter bevat tekens die niet te lezen zijn."),
        ("(aantal = 1", "Het filter mist een haakje sluiten."),
        ("aantal = 1)", "Het haakje sluiten op plaats 11 hoort nergens bij."),
        ("aantal = 1, 2", "De komma op plaats 11 staat niet tussen haakjes."),
        ("aantal = (1, 2)", "Een rij waarden tussen haakjes kan alleen na IN staan."),
        ("aantal IN 1", "Zet de waarden na IN tussen haakjes."),
        ("aantal == 1", "Bij = op plaats 9 staan twee vergelijkingen achter elkaar; zet er AND of OR tussen."),
        ("1 < aantal < 5", "Bij < op plaats 12 staan twee vergelijkingen achter elkaar; zet er AND of OR tussen."),
        ("A_CONTAINS(naam, ('a', 'b'))", "A_CONTAINS kan niet: geen eigenschap hier is een rij van waarden."),
        ("upper(naam) = 'A'", "De functie of bewerking 'upper' kan hier niet in een filter."),
        ("aantal = 1 AND", "Het filter is geen geldige CQL2; kijk bij 'aantal = 1 AND'."),
        ("aantal = 1 EN naam = 'a'", None),
        ("naam = 'a' -- toelichting", None),
        ("*", None),
        ("=", None),
        ("()", None),
    ],
)
def test_the_sentence_says_what_is_wrong(text: str, sentence: str | None):
    said = refuse(text)
    assert said == (sentence or said)
    assert said.endswith(".")
    assert "\x00" not in said
    assert not {"ParseError", "Expr", "-->", "psycopg"} & set(said.split())


def test_a_long_list_of_properties_is_cut():
    kolom = vraag().kolommen["naam"]
    many = FilterVraag({f"veld{n}": Kolom(kolom.expressie, kolom.soort) for n in range(30)}, None)
    with pytest.raises(InvalidFilter, match=r"veld0, .*, veld19 en nog 10 andere\.$"):
        compile_filter("foo = 1", "cql2-text", many)


def test_a_long_value_is_cut():
    assert len(refuse(f"aantal = '{'x' * 15_000}'")) < 200


PATHOLOGICAL: dict[str, Callable[[int], str]] = {
    "open brackets": lambda n: "(" * n,
    "unclosed brackets": lambda n: "(" * n + "aantal = 1",
    "error inside brackets": lambda n: "(" * n + "aantal = " + ")" * n,
    "lists in lists": lambda n: "aantal IN " + "(" * n + "1" + ",1)" * n,
    "rings in rings": lambda n: "S_INTERSECTS(geometry, MULTIPOLYGON" + "(" * n + "1 2" + ")" * n + ")",
    "collections": lambda n: "S_INTERSECTS(geometry, " + "GEOMETRYCOLLECTION(" * n + "POINT(1 2)" + ")" * n + ")",
    "functions": lambda n: "CASEI(" * n + "naam" + ")" * n + " = 'a'",
    "unknown functions": lambda n: "f(" * n + "1",
    "functions of groups": lambda n: "f((" * n + "1" + "))" * n + " = 1",
    "NOT": lambda n: "NOT " * n + "actief",
    "NOT and brackets": lambda n: "NOT (" * n + "actief" + ")" * n,
    "minus": lambda n: "aantal = " + "-" * n + "1",
    "minus and brackets": lambda n: "aantal = " + "-(" * n + "1" + ")" * n,
    "plus": lambda n: "aantal = 1" + " + 1" * n,
    "powers": lambda n: "aantal = 2" + "^2" * n,
    "equals": lambda n: "1 = " * n + "1",
    "between": lambda n: "aantal BETWEEN 1 AND " * n + "1",
    "between without and": lambda n: "aantal BETWEEN " * n + "1",
    "is null": lambda n: "aantal" + " IS NULL" * n,
    "like": lambda n: "naam LIKE " * n + "'a'",
    "in": lambda n: "aantal IN " * n + "(1)",
    "or": lambda n: "aantal = 1 OR " * n + "aantal = 1",
    "or of groups": lambda n: "(aantal = 1) OR " * n + "(aantal = 1",
    "quotes": lambda n: "naam = " + "'" * n,
    "escapes": lambda n: "naam = '" + "\\'" * n,
    "double quotes": lambda n: '"' * n,
    "words": lambda n: "naam " * n,
    "values": lambda n: "aantal IN (" + "1," * n + "1)",
    "digits": lambda n: "aantal = " + "9" * n,
    "exponent": lambda n: "aantal = 1e" + "9" * n,
    "tiny": lambda n: "aantal = 1e-" + "9" * n + " x",
    "points": lambda n: "S_INTERSECTS(geometry, MULTIPOLYGON(((" + "1 2, " * n + "1 2 x)))",
    "half points": lambda n: "S_INTERSECTS(geometry, LINESTRING(" + "1, " * n + "1))",
    "commas": lambda n: "f(" + "," * n + ")",
    "text in a point": lambda n: "S_INTERSECTS(geometry, POINT('" + "a" * n + "'))",
}


@pytest.mark.parametrize("size", [12, 30, 60, 600, 15_000])
@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_nothing_stalls_or_crashes(name: str, size: int):
    """A stack overflow in the library would end the process, and this test with it."""
    text = PATHOLOGICAL[name](size)
    for cut in (text, text[:16_000]):
        begin = time.process_time()
        found = compiled(cut)
        assert time.process_time() - begin < SECONDS
        assert not isinstance(found, str) or len(found) < 300


@pytest.mark.parametrize(
    ("text", "taal"),
    [("actief AND " * 100_000, "cql2-text"), (" " * 1_000_000, "cql2-text"), ("[" * 1_000_000, "cql2-json")],
)
def test_a_megabyte_is_refused_at_once(text: str, taal: str):
    begin = time.process_time()
    with pytest.raises(InvalidFilter, match="te lang"):
        compile_filter(text, taal, vraag())  # type: ignore[arg-type]
    assert time.process_time() - begin < SECONDS


def test_two_hundred_levels_are_refused_and_forty_are_not():
    assert refuse("(" * 200 + "actief" + ")" * 200) == "Het filter zit te diep in elkaar; hoogstens 50 niveaus."
    assert refuse("NOT (" * 60 + "actief" + ")" * 60) == "Het filter zit te diep in elkaar; hoogstens 50 niveaus."
    compile_filter("NOT (" * 40 + "actief" + ")" * 40, "cql2-text", vraag())


def test_five_hundred_pieces_are_enough():
    compile_filter("aantal IN (" + "1," * 490 + "1)", "cql2-text", vraag())
    assert "te veel onderdelen" in refuse("aantal IN (" + "1," * 510 + "1)")


def test_conformance_classes_are_those_of_the_standard():
    assert len(set(CONFORMANCE)) == len(CONFORMANCE) == 12
    assert all(uri.startswith("http://www.opengis.net/spec/cql2/1.0/conf/") for uri in CONFORMANCE)
    assert not any(uri.endswith(("array-functions", "/functions")) for uri in CONFORMANCE)
