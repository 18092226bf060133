"""A stolen dump of ``publiek``: every table is read, and nothing in it is more than anyone may ask for anyway.

What is public is what the website tells someone without a token: all its collections with their metadata, the profile
of the municipality, the map of each source, the catalogue and the explanation of how we count. A value that is in the
dump and in none of those is a find, unless it is listed here with the reason why it tells nothing.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.db.schema import metadata
from geo_service.domain.cijfers import Status
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import dag_naam
from geo_service.identity import PUBLIEK
from geo_service.release.cijfers import CijferVraag, Reeks, tabellen
from geo_service.release.context import load_gemeente
from geo_service.release.lagen import LAGEN
from geo_service.release.perioden import available_perioden
from tests.geo_service.api.website import Website, items_of, serve
from tests.geo_service.pool import ask_database
from tests.geo_service.support import change, rows

PLACES = {"demo": "GM0153", "assen": "GM0106"}
Row = dict[str, str | None]

# Columns that no page shows as they are, and why they tell nothing about anyone.
TELLS_NOTHING = {
    "*.inhoud_hash": "a hash of the public columns beside it, to see whether a row changed",
    "*.versie": "the number of a load",
    "hotspot.run_id": "the number of a calculation",
    "wijziging.transactie": "the number of a transaction",
    "wijziging.moment": "when anything was loaded; the ETag of every answer changes with it",
    "bron.peildatum": "when a source was loaded; its day stands in every answer",
    "bron.naam": "also sources without figures; the register of processing that is published has all of them",
    "bron.laag": "likewise",
    "bron.gegevens": "likewise",
    "bron.ontvangers": "likewise",
    "vrijgave.van": "the first day of a released period",
    "vrijgave.tot": "its last day",
    "vrijgave.vrijgegeven_op": "when a period was released",
    "kerncijfer.*": "published by the statistics office, or counted from the open register of dwellings",
    "gebied.oppervlakte_ha": "the size of the boundary",
    "gebied.geom_status": "whether an area has a boundary",
    "alias.alias": "another name of an area, from a public list",
    "voorziening.aanbieder_soort": "what kind of organisation runs a place that is open to everyone",
    "categorie.code": "the list of categories comes with the program",
    "categorie.hoofd": "likewise",
    "categorie.naam": "likewise",
}
"""Table and column, ``*`` for every one."""
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
A_WORD = re.compile(r"[\w-]{2,}")


@dataclass(frozen=True)
class Dump:
    """text: the whole of it, as a thief would have it; tables: the rows of each, by column."""

    text: str
    tables: dict[str, list[Row]]


def take_dump(url: str) -> Dump:
    """What pg_dump writes about the schema, structure and rows."""
    command = ["pg_dump", "--schema=publiek", "--no-owner", "--dbname", url]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return Dump(text, dict(read_tables(text)))


def read_tables(text: str) -> Iterator[tuple[str, list[Row]]]:
    for block in re.finditer(r"^COPY publiek\.(\w+) \((.*?)\) FROM stdin;\n(.*?)^\\\.$", text, re.M | re.S):
        names = [name.strip(' "') for name in block[2].split(",")]
        found = [[unescape(cell) for cell in line.split("\t")] for line in block[3].splitlines()]
        yield block[1], [dict(zip(names, cells, strict=True)) for cells in found]


def unescape(cell: str) -> str | None:
    if cell == r"\N":
        return None
    return re.sub(r"\\(.)", lambda part: {"n": "\n", "t": "\t", "r": "\r"}.get(part[1], part[1]), cell)


@dataclass(frozen=True)
class Place:
    url: str
    gemeente: str
    website: Website
    dump: Dump


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    url = request.getfixturevalue(f"{request.param}_url")
    with serve(url) as website:
        yield Place(url, PLACES[request.param], website, take_dump(url))


def strings(found: Any) -> Iterator[str]:
    """Every text and number in a document."""
    if isinstance(found, Mapping):
        for part in found.values():
            yield from strings(part)
    elif isinstance(found, list):
        for part in found:
            yield from strings(part)
    elif found is not None:
        yield str(found)


def test_the_whole_schema_is_in_the_dump(place: Place) -> None:
    """Also what is not a table of the program: a copy that someone made by hand would be seen."""
    query = "select tablename from pg_tables where schemaname = 'publiek'"
    ours = {
        table.name for table in metadata.tables.values() if table.schema == "publiek" and not table.info.get("view")
    }
    assert set(place.dump.tables) == {name for (name,) in rows(place.url, query)}
    assert set(place.dump.tables) == ours
    assert sum(map(len, place.dump.tables.values())) > 1_000
    for name, found in place.dump.tables.items():
        assert len(found) == rows(place.url, f'select count(*) from publiek."{name}"')[0][0]


def told_figures(place: Place) -> dict[tuple[str, ...], tuple[int | None, str]]:
    """Every figure that the public can ask for: its count and status, by level, area, source, category and period."""

    async def ask(database: Database) -> dict[tuple[str, ...], tuple[int | None, str]]:
        found = {}
        async with database.connect(Role.PUBLIEK) as connection:
            gemeente = await load_gemeente(connection, PUBLIEK, place.gemeente)
            sources = [(laag, bron) for laag in LAGEN.values() for bron in laag.bronnen(gemeente)]
            for (laag, bron), niveau in product(sources, NIVEAUS):
                perioden = available_perioden(gemeente, PUBLIEK, bron)
                categorieen = await laag.load_categorieen(connection, place.gemeente)
                asked = Reeks(CijferVraag(niveau, bron), perioden, list(categorieen))
                for tabel in await tabellen(connection, PUBLIEK, gemeente, laag, asked):
                    for rij in tabel.rijen:
                        key = (niveau, rij.gebied_code, bron, tabel.categorie, tabel.periode.code)
                        found[key] = (rij.cijfer.aantal, rij.cijfer.status.value)
        return found

    return ask_database(place.url, ask)


def more_than_told(place: Place, cells: list[Row]) -> list[Row]:
    """Released cells that tell more than the answer about the same cell."""
    told = told_figures(place)
    found = []
    for cell in cells:
        key = tuple(str(cell[name]) for name in ("niveau", "gebied_code", "bron", "categorie", "periode"))
        aantal, status = told.get(key, (None, "nergens te vragen"))
        # What is told besides, of how sure a figure is, comes from its coverage.
        status = Status.OK.value if status == Status.ONBETROUWBAAR else status
        if (cell["aantal"], cell["status"]) != (None if aantal is None else str(aantal), status):
            found.append(cell | {"verteld": f"{aantal} {status}"})
    return found


def test_no_figure_is_more_than_the_answer_about_it(place: Place) -> None:
    cells = place.dump.tables["cijfer"]
    assert sum(cell["aantal"] is None for cell in cells) > 100
    assert more_than_told(place, cells) == []


def told_hotspots(place: Place) -> Iterator[dict[str, Any]]:
    """Every hotspot that the public gets, drawn in RD."""
    asked = {(row["bron"], row["periode"], row["categorie"]) for row in place.dump.tables["hotspot"]}
    for bron, periode, categorie in sorted(asked, key=str):
        question = {"gemeente": place.gemeente, "bron": bron, "periode": periode, "categorie": categorie}
        for page in place.website.pages("hotspots", **question, limit=1000, crs=RD):
            yield from page["features"]


CARD = ("titel", "uitleg", "hoe_zeker", "wat_niet")


def as_hotspot(told: Mapping[str, Any]) -> str:
    """What is counted in a hotspot, and the text of its card."""
    numbers = [told[name] for name in ("aantal", "plekken", "verwacht", "verhouding", "p_waarde")]
    card = json.loads(told["kaartje"]) if "kaartje" in told else told
    words = [told[name] for name in ("bron", "methode", "categorie", "klasse", "periode", "status")]
    return repr(
        (words, [None if number is None else float(number) for number in numbers], [card[name] for name in CARD])
    )


def test_no_hotspot_is_more_than_the_answer_about_it(place: Place) -> None:
    stored = {as_hotspot(row) for row in place.dump.tables["hotspot"]}
    assert len(stored) > 10
    assert stored <= {as_hotspot(feature["properties"]) for feature in told_hotspots(place)}


@dataclass(frozen=True)
class Told:
    """All that the website tells about the municipality: as one text, and the boxes of what it draws (RD, metres)."""

    text: str
    boxes: set[tuple[float, ...]]


def everything_told(place: Place) -> Told:
    found: list[str] = []
    boxes = {box(shape(feature["geometry"])) for feature in told_hotspots(place)}
    asked = [(collection["id"], {}) for collection in place.website.get("/v1/collections").json()["collections"]]
    asked += [("meldingen-per-gebied", {"niveau": niveau}) for niveau in NIVEAUS]
    for name, narrowed in asked:
        question = {"gemeente": place.gemeente, "limit": 1000, "crs": RD, **narrowed}
        for page in place.website.pages(name, **question):
            found += strings(page)
            boxes |= {box(shape(feature["geometry"])) for feature in page["features"] if feature["geometry"]}
        found.append(place.website.get(f"/v1/collections/{name}/metadata", gemeente=place.gemeente).text)
    for bron in {row["naam"] for row in place.dump.tables["bron"]}:
        found.append(place.website.get("/kaart", gemeente=place.gemeente, bron=bron).text)
        refused = place.website.get(items_of("bezoeken-per-gebied"), gemeente=place.gemeente, bron=bron, categorie="?")
        found += strings(refused.json())
    for path in (f"/v1/gebieden/{place.gemeente}/profiel", "/v1/catalogus", "/uitleg"):
        found.append(place.website.get(path, gemeente=place.gemeente).text)
    return Told(html.unescape("\n".join(found)), boxes)


def box(geometry: shapely.Geometry) -> tuple[float, ...]:
    return tuple(round(side) for side in geometry.bounds)


def unknown_values(dump: Dump, told: Told) -> set[str]:
    """Columns with a value that stands nowhere in what is told; cells and hotspots are judged as a whole above."""
    found = set()
    for table, cells in dump.tables.items():
        for column in cells[0] if cells else ():
            name = f"{table}.{column}"
            if TELLS_NOTHING.keys() & {name, f"*.{column}", f"{table}.*"}:
                continue
            values = {str(cell[column]) for cell in cells} - {"None"}
            if column == "geom":
                unknown = {box(shapely.from_wkb(value)) for value in values} - told.boxes
            elif table in ("cijfer", "hotspot"):
                continue
            else:
                unknown = {value for value in values if not is_told(value, told.text)}
            found |= {name} if unknown else set()
    return found


def is_told(value: str, text: str) -> bool:
    """Whether a value, or each of its words, stands in the text; a day also as it is written in Dutch."""
    if A_DAY.fullmatch(value) and dag_naam(date.fromisoformat(value)) in text:
        return True
    return value in text or all(word in text for word in A_WORD.findall(value))


def test_every_other_value_is_told_anyway(place: Place) -> None:
    assert sorted(unknown_values(place.dump, everything_told(place))) == []


def test_what_is_planted_is_found(assen_url: str, copy_of: Callable[[str], str]) -> None:
    """The same dump with a little more in it, beside the website as it is."""
    stolen = copy_of("assen")
    for statement in (
        "update publiek.cijfer set aantal = 3 where ctid = (select min(ctid) from publiek.cijfer where aantal is null)",
        "update publiek.cijfer set periode = '1999-Q1' "
        "where ctid = (select min(ctid) from publiek.cijfer where aantal > 9)",
        "update publiek.bron set eerste_dag = '1999-12-31' where naam = 'signalen-assen'",
        "update publiek.gebied set geom = st_translate(geom, 50, 0) where niveau = 'wijk'",
        "insert into publiek.alias select gemeente_code, 'x', 'Geheime Straat 1' from publiek.gemeente limit 1",
    ):
        assert change(stolen, statement) > 0, statement
    with serve(assen_url) as website:
        place = Place(assen_url, PLACES["assen"], website, take_dump(stolen))
        assert len(more_than_told(place, place.dump.tables["cijfer"])) == 2
        found = unknown_values(place.dump, everything_told(place))
    assert found == {"bron.eerste_dag", "gebied.geom", "alias.gebied"}
