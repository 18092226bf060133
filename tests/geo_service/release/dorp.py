"""An invented village for the tests of what may be seen: eight buurten of one square kilometre.

stadsdeel west | stadsdeel oost        wijken: 1 = A B, 2 = C D E (in both stadsdelen), 3 = F G H
    C     D    |    G     H            every buurt has 1 000 dwellings of 2021, but H has 80
    A     B    |    E     F
"""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.db import engine
from geo_service.db.engine import Database, ReadConnection
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.jobs.bronnen import store_bronnen
from geo_service.jobs.gebieden import store_gebieden
from geo_service.jobs.inlezen import Opdracht, loading
from geo_service.jobs.meldingen import store_meldingen
from geo_service.jobs.registers import store_layer
from geo_service.release import features
from geo_service.release.cijfers import CijferTabel, CijferVraag, meldingen_per_gebied, one_tabel
from geo_service.release.context import Gemeente, connect_as, load_gemeente
from geo_service.release.lagen import BEZOEKEN
from ingest.bronnen import parse_bronnen
from ingest.records import Batch
from tests.geo_service.pool import ask_database

GEMEENTE = "GM0999"
WEST, OOST = "GM0999-SD-west", "GM0999-SD-oost"
BRON = "meldpunt"
BALIE = "balie"
NO_FILE = ""
T = TypeVar("T")
Question = Callable[[ReadConnection, Viewer, Gemeente], Awaitable[T]]
Teller = Callable[[ReadConnection, Viewer, Gemeente, CijferVraag], Awaitable[CijferTabel | None]]
TODAY = date(2025, 6, 1)
CORNER = (200_000.0, 470_000.0)
PLACES = {"A": (0, 0), "B": (1, 0), "E": (2, 0), "F": (3, 0), "C": (0, 1), "D": (1, 1), "G": (2, 1), "H": (3, 1)}
WIJKEN = {"A": "1", "B": "1", "C": "2", "D": "2", "E": "2", "F": "3", "G": "3", "H": "3"}
LETTERS = sorted(PLACES)

PUBLIEK = Viewer()
ONDERZOEKER = Viewer(Role.ONDERZOEKER)
GEGEVENSBEHEERDER = Viewer(Role.GEGEVENSBEHEERDER)
BEHEERDER = Viewer(Role.BEHEERDER)
REGISSEUR_WEST = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({WEST}))
MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
REGISSEUR_ELDERS = Viewer(Role.WIJKREGISSEUR, "GM0001", frozenset({"GM0001-SD-west"}))

BRONNEN = """
[[bron]]
naam = "meldpunt"
gemeente = "GM0999"
houder = "gemeente Dorp"
definitie = "meldingen van overlast"
registratie_eenheid = "melding"
"""
HEEL_2024 = """
[[dekking]]
bron = "meldpunt"
gebied = "GM0999"
van = 2024-01-01
tot = 2024-12-31
"""


async def bezoeken_per_gebied(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag
) -> CijferTabel | None:
    return await one_tabel(connection, viewer, gemeente, BEZOEKEN, vraag)


def buurt_code(letter: str) -> str:
    return f"BU0999000{LETTERS.index(letter)}"


def letter_of(code: str) -> str:
    """The letter of a buurt; any other code as it is."""
    return LETTERS[int(code[-1])] if code.startswith("BU0999") else code


def square(letter: str) -> shapely.Polygon:
    column, row = PLACES[letter]
    x, y = CORNER[0] + 1000 * column, CORNER[1] + 1000 * row
    return shapely.box(x, y, x + 1000, y + 1000)


def stadsdeel_of(letter: str) -> str:
    return WEST if letter in "ABCD" else OOST


def wijk_code(letter: str) -> str:
    return f"WK09990{WIJKEN[letter]}"


def load_dorp(url: str, *, jaar: int = 2021, bronnen: str = BRONNEN + HEEL_2024) -> str:
    """Areas, dwellings and sources of the village."""
    load_vintage(url, jaar)
    load_bronnen(url, bronnen)
    return url


def load_vintage(url: str, jaar: int, *, border: int = 0, stadsdeel_of: Callable[[str], str] = stadsdeel_of) -> None:
    """The areas of one year. border: metres by which the line between A and B lies further east than in the drawing."""
    opdracht = Opdracht("gebieden", NO_FILE, "gebieden", GEMEENTE, jaar, today=TODAY)
    areas = SimpleNamespace(
        gebieden=_gebieden(border, stadsdeel_of),
        buurten_in=_divisions(stadsdeel_of),
        kerncijfers=_dwellings(jaar),
        notes=(),
        rejects=(),
    )
    with loading(url, opdracht) as run:
        store_gebieden(run, areas, opdracht)


def load_bronnen(url: str, toml: str) -> None:
    opdracht = Opdracht("bronnen", NO_FILE, "bronnen", GEMEENTE, today=TODAY)
    with loading(url, opdracht) as run:
        store_bronnen(run, parse_bronnen(tomllib.loads(toml)), opdracht)


def load_tellingen(
    url: str, counts: dict[str, int] | Iterable[tuple[str, str, str, int]], *, bron: str = BRON, today: date = TODAY
) -> None:
    """Counts per area. {"A": 12} counts on 15 February 2024; rows are (area, "day" or "day/day", category, count)."""
    rows = (
        [(area, "2024-02-15", "afval-zwerfafval", n) for area, n in counts.items()]
        if isinstance(counts, dict)
        else list(counts)
    )
    spans = [span.partition("/") for _, span, _, _ in rows]
    frame = pd.DataFrame(
        {
            "line": np.arange(1, len(rows) + 1),
            "gebied_code": [buurt_code(area) if area in PLACES else area for area, *_ in rows],
            "van": pd.to_datetime([first for first, _, _ in spans]).astype("datetime64[s]"),
            "tot": pd.to_datetime([last or first for first, _, last in spans]).astype("datetime64[s]"),
            "bron_categorie": [f"bron/{categorie}" for _, _, categorie, _ in rows],
            "categorie": [categorie for _, _, categorie, _ in rows],
            "aantal": np.array([n for *_, n in rows], dtype=np.int64),
        }
    )
    opdracht = Opdracht("meldingen", NO_FILE, bron, GEMEENTE, today=today)
    with loading(url, opdracht) as run:
        store_meldingen(run, _one(frame), "telling", opdracht)


def load_points(
    url: str, x: np.ndarray, y: np.ndarray, days: list[str], *, bron: str = BRON, today: date = TODAY
) -> None:
    """Reports at places (RD metres) at noon of the given days."""
    n = len(x)
    nothing = pd.Series([None] * n, dtype=object)
    frame = pd.DataFrame(
        {
            "line": np.arange(1, n + 1),
            "sleutel": [f"{bron}-{i}" for i in range(n)],
            "tijd": pd.to_datetime([f"{day}T12:00:00Z" for day in days]).astype("datetime64[us, UTC]"),
            "tijd_onzeker": False,
            "x": x.astype(float),
            "y": y.astype(float),
            "buurt_code": nothing,
            "bron_categorie": "afval/zwerfafval",
            "categorie": "afval-zwerfafval",
            "status": nothing,
            "melder_sleutel": nothing,
            "adres_sleutel": nothing,
        }
    )
    opdracht = Opdracht("meldingen", NO_FILE, bron, GEMEENTE, today=today)
    with loading(url, opdracht) as run:
        store_meldingen(run, _one(frame), "meldingen", opdracht)


def load_bezoeken(url: str, rows: Iterable[dict[str, Any]], *, bron: str = BALIE, today: date = TODAY) -> None:
    """Visits; each row may give buurt (a letter or code), dag, kanaal, uitkomst, thema and n (how many of them)."""
    known = {"buurt": None, "dag": "2024-02-15", "kanaal": "fysiek", "uitkomst": "beantwoord", "thema": None, "n": 1}
    visits = [known | row for row in rows for _ in range((known | row)["n"])]
    frame = pd.DataFrame(
        {
            "line": np.arange(1, len(visits) + 1),
            "sleutel": [f"bezoek-{number}" for number in range(len(visits))],
            "wijkwijzer": "WW-1",
            "datum": pd.to_datetime([visit["dag"] for visit in visits]).astype("datetime64[s]"),
            "kanaal": [visit["kanaal"] for visit in visits],
            "thema": pd.Series([visit["thema"] for visit in visits], dtype=object),
            "herkomst_buurt_code": pd.Series(
                [buurt_code(visit["buurt"]) if visit["buurt"] in PLACES else visit["buurt"] for visit in visits],
                dtype=object,
            ),
            "uitkomst": [visit["uitkomst"] for visit in visits],
        }
    )
    opdracht = Opdracht("bezoeken", NO_FILE, bron, GEMEENTE, today=today)
    with loading(url, opdracht) as run:
        store_layer(run, _one(frame), opdracht)


def load_voorzieningen(url: str, rows: list[dict[str, Any]]) -> None:
    """Places; each row gives at least naam, type, gevoelig, x and y."""
    texts = ("aanbieder", "leefgebied", "doelgroep", "openingstijden")
    unknown = dict.fromkeys(texts) | {"aanbieder_soort": "onbekend", "lijn": "onbekend", "bereik": "buurt"}
    frame = pd.DataFrame([unknown | {"capaciteit": np.nan, "zonder_verwijzing": True} | row for row in rows])
    frame.insert(0, "line", np.arange(1, len(frame) + 1))
    frame["sleutel"] = [f"plek-{line}" for line in frame["line"]]
    for day in ("geldig_van", "geldig_tot"):
        frame[day] = pd.Series([np.datetime64("NaT", "s")] * len(frame)).astype("datetime64[s]")
    opdracht = Opdracht("voorzieningen", NO_FILE, "sociale-kaart", GEMEENTE, today=TODAY)
    with loading(url, opdracht) as run:
        store_layer(run, _one(frame), opdracht)


def read(url: str, viewer: Viewer, question: Question[T]) -> tuple[T, int]:
    """The answer of release to ``question(connection, viewer, gemeente)`` about the village, and how many queries it
    took once the village itself was known."""
    statements: list[str] = []
    run = ReadConnection._rows

    async def watch(connection: ReadConnection, questions: Sequence[engine.Question], **options: Any) -> Any:
        statements.extend(statement for statement, _ in questions)
        return await run(connection, questions, **options)

    async def answer(database: Database) -> T:
        async with connect_as(database, viewer) as connection:
            gemeente = await load_gemeente(connection, viewer, GEMEENTE)
            with patch.object(ReadConnection, "_rows", watch):
                return await question(connection, viewer, gemeente)

    return ask_database(url, answer), len(statements)


def ask(url: str, viewer: Viewer = PUBLIEK, *, teller: Teller = meldingen_per_gebied, **question: Any) -> CijferTabel:
    """The answer of release to a question (fields of CijferVraag) about the village."""
    tabel, _ = read(url, viewer, lambda *known: teller(*known, CijferVraag(**question)))
    assert tabel is not None
    return tabel


def figures(url: str, viewer: Viewer = PUBLIEK, **question: Any) -> dict[str, tuple[int | None, str]]:
    """{letter or code: (aantal, status)}."""
    return {
        letter_of(row.gebied_code): (row.cijfer.aantal, row.cijfer.status.value)
        for row in ask(url, viewer, **question).rijen
    }


def published(tabel: CijferTabel) -> dict[str, dict[str, Any]]:
    """The properties that pages and API publish, per letter or code."""
    return {letter_of(row.gebied_code): features.cijfer_properties(tabel, row) for row in tabel.rijen}


def gemeente_for(url: str, viewer: Viewer = PUBLIEK) -> Gemeente:
    async def itself(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente) -> Gemeente:
        return gemeente

    return read(url, viewer, itself)[0]


def _one(frame: pd.DataFrame) -> Iterator[Batch]:
    yield Batch(frame, len(frame))


def _gebieden(border: int, stadsdeel_of: Callable[[str], str]) -> gpd.GeoDataFrame:
    shapes = {letter: square(letter) for letter in LETTERS}
    strip = shapely.box(CORNER[0] + 1000, CORNER[1], CORNER[0] + 1000 + border, CORNER[1] + 1000)
    if border:
        shapes |= {"A": shapes["A"].union(strip), "B": shapes["B"].difference(strip)}
    rows = [("buurt", buurt_code(letter), f"Buurt {letter}", shapes[letter]) for letter in LETTERS]
    for niveau, division, names in (
        ("wijk", wijk_code, {}),
        ("stadsdeel", stadsdeel_of, {WEST: "West", OOST: "Oost"}),
        ("gemeente", lambda _: GEMEENTE, {GEMEENTE: "Dorp"}),
    ):
        for code in sorted({division(letter) for letter in LETTERS}):
            merged = shapely.union_all([shapes[letter] for letter in LETTERS if division(letter) == code])
            rows.append((niveau, code, names.get(code, f"Wijk {code[-1]}"), merged))
    niveau, codes, namen, drawn = zip(*rows, strict=True)
    frame = pd.DataFrame({"niveau": niveau, "code": codes, "naam": namen, "gemeente_code": GEMEENTE}, dtype=object)
    frame["geom_status"] = pd.Series("ok", index=frame.index, dtype=object)
    return gpd.GeoDataFrame(frame, geometry=list(drawn), crs="EPSG:28992")


def _divisions(stadsdeel_of: Callable[[str], str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "buurt_code": [buurt_code(letter) for letter in LETTERS],
            "wijk_code": [wijk_code(letter) for letter in LETTERS],
            "stadsdeel_code": [stadsdeel_of(letter) for letter in LETTERS],
            "stadsdeel_bron": "tekst",
        },
        dtype=object,
    )


def _dwellings(jaar: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "gebied_code": [buurt_code(letter) for letter in LETTERS],
            "jaar": jaar,
            "indicator": "woningvoorraad",
            "waarde": [80.0 if letter == "H" else 1000.0 for letter in LETTERS],
            "status": "ok",
        }
    )
