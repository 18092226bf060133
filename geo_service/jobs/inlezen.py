"""Load one source in one transaction: what every layer shares. The layers have modules of their own beside this."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pandas as pd
import psycopg
import shapely
from psycopg.types.json import Jsonb

from geo_service.db.connection import privileged_connection
from geo_service.db.write.bronnen import bump_version, update_source_facts
from geo_service.db.write.run import Run, lock_gebieden, start_run
from geo_service.domain.gebieden import BuurtIndex, gemeente_of, is_gemeente_code
from geo_service.errors import BuurtsignaalError, Refused
from geo_service.jobs.vrijgave import release_source
from geo_service.settings import get_settings
from ingest.adressen import internal_addresses
from ingest.errors import IngestError
from ingest.records import Batch
from ingest.sources import is_url, open_source

Progress = Callable[[int], None]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Opdracht:
    """What to load. bron: name of the source; gemeente None: decided by ``decide_gemeente``; naam: of the gemeente."""

    laag: str
    pad: str
    bron: str
    gemeente: str | None = None
    jaar: int | None = None
    mapping: str | None = None
    naam: str | None = None
    volledig: bool = False
    afkeur: Path | None = None
    today: date = field(default_factory=date.today)


@dataclass(frozen=True)
class Verslag:
    """What a load did, for the report on the command line."""

    laag: str
    bron: str
    gemeente: str | None
    aantallen: dict[str, int]
    afkeur: dict[str, int]
    voorbeelden: list[tuple[int, str]]
    opmerkingen: list[tuple[str, int]]
    seconden: float
    dekking: str | None = None
    regels: tuple[str, ...] = ()


@contextmanager
def loading(url: str, opdracht: Opdracht, *, paged: bool = False) -> Iterator[Run]:
    """Open the source and hold one transaction for its run; ``run.pad`` is what a reader may open.

    paged: the reader follows the pages of a URL itself. A refusal rolls everything back and leaves a record of the
    refusal itself.
    """
    with recorded(url, opdracht):
        _check(opdracht)
        with (
            internal_addresses(get_settings().interne_bronnen),
            _opened(opdracht.pad, paged) as (pad, sha256),
            privileged_connection(url) as connection,
        ):
            run = Run(connection, opdracht.laag, opdracht.bron, file_name(opdracht.pad), sha256, opdracht.gemeente)
            run.pad = pad
            with start_run(connection, run):
                yield run


@contextmanager
def recorded(url: str, opdracht: Opdracht) -> Iterator[None]:
    """Keep a record of a refusal, so that a nightly load that failed can be seen the next morning."""
    try:
        yield
    except (BuurtsignaalError, IngestError) as error:
        record_refusal(url, opdracht, str(error))
        raise


def file_name(source: str) -> str:
    """What the run record calls a source: never the query of an address, which may hold a token."""
    return Path(urlsplit(source).path if is_url(source) else source).name


def _check(opdracht: Opdracht) -> None:
    if opdracht.gemeente is not None and not is_gemeente_code(opdracht.gemeente):
        raise Refused(f"{opdracht.gemeente!r} is geen gemeentecode. Schrijf bijvoorbeeld GM0153.")
    if opdracht.afkeur is not None and (opdracht.afkeur.is_dir() or not os.access(opdracht.afkeur.parent, os.W_OK)):
        raise Refused(f"Het afkeurbestand {opdracht.afkeur} kan niet worden geschreven. Kies een map die bestaat.")


@contextmanager
def _opened(source: str, paged: bool) -> Iterator[tuple[str, str | None]]:
    """The path or URL for the reader and, of a file, its SHA-256. Records made by ourselves have no source."""
    if not source or (paged and is_url(source)):
        yield source, None
    else:
        with open_source(source) as local:
            yield str(local.path), local.sha256


def record_refusal(url: str, opdracht: Opdracht, reason: str) -> None:
    with privileged_connection(url) as connection:
        connection.execute(
            "insert into intern.ingest_run (gemeente_code, laag, bron, bestand, uitkomst, aantallen, opmerkingen, begonnen_op) "
            "values (%s, %s, %s, %s, 'geweigerd', '{}', %s, %s)",
            (
                opdracht.gemeente,
                opdracht.laag,
                opdracht.bron,
                file_name(opdracht.pad),
                Jsonb([{"code": "geweigerd", "tekst": reason, "aantal": 1}]),
                datetime.now(UTC),
            ),
        )


def make_verslag(run: Run, opdracht: Opdracht) -> Verslag:
    write_afkeur(run, opdracht.afkeur)
    row = run.connection.execute(
        "select min(van), max(coalesce(d.tot, b.laatste_dag)), bool_or(afgeleid) from publiek.bron_dekking d join publiek.bron b "
        "on b.gemeente_code = d.gemeente_code and b.naam = d.bron where d.gemeente_code = %s and d.bron = %s",
        (run.gemeente, run.bron),
    ).fetchone()
    dekking = None
    if row and row[0] is not None:
        dekking = f"{row[0]:%d-%m-%Y} t/m {row[1]:%d-%m-%Y}" + (
            " (dekking afgeleid uit de gegevens)" if row[2] else " (geregistreerd)"
        )
    return Verslag(
        run.laag, run.bron, run.gemeente, run.counts.as_dict(), dict(run.reject_codes),
        [(reject.line, reject.reason) for reject in run.reject_examples],
        [(text, count) for (_, text), count in run.notes.items()], run.seconden, dekking, tuple(run.regels),
    )  # fmt: skip


def write_afkeur(run: Run, path: Path | None) -> None:
    """The rejected rows with their reasons as CSV, when the user asked for the file."""
    if path is None:
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["regel", "code", "reden", "sleutel"])
        rows = run.connection.execute(
            "select regel, code, reden, sleutel from intern.ingest_afkeur where run_id = %s order by regel",
            (run.run_id,),
        )
        writer.writerows(rows)


def refuse_when_all_rejected(run: Run, opdracht: Opdracht) -> None:
    """A file without one usable row is the wrong file; the rejects still go to the file the user asked for."""
    if not run.counts.gelezen or run.counts.afgekeurd < run.counts.gelezen:
        return
    write_afkeur(run, opdracht.afkeur)
    reasons = ", ".join(f"{code} ({count})" for code, count in run.reject_codes.items())
    raise Refused(f"Alle {run.counts.gelezen} regels zijn afgekeurd: {reasons}. Er is niets opgeslagen.")


def refuse_other_layer(run: Run, laag: str) -> None:
    """A source counts one thing: figures of reports and of visits under one name would be added up."""
    row = run.connection.execute(
        "select laag from publiek.bron where gemeente_code = %s and naam = %s and laag <> %s",
        (run.gemeente, run.bron, laag),
    ).fetchone()
    if row and {row[0], laag} & {"meldingen", "bezoeken"}:
        raise Refused(f"Bron {run.bron!r} heeft al {row[0]}. Geef de {laag} een eigen naam met --bron.")


def load_buurt_index(connection: psycopg.Connection, gemeente: str) -> BuurtIndex:
    """The buurten with a polygon of one municipality, per vintage; they stay as they are until this load is done."""
    lock_gebieden(connection, gemeente, shared=True)
    rows = connection.execute(
        "select jaar, code, st_asbinary(geom) from publiek.gebied where niveau = 'buurt' and geom is not null and gemeente_code = %s",
        (gemeente,),
    ).fetchall()
    polygons: dict[int, dict[str, shapely.Geometry]] = {}
    for jaar, code, wkb in rows:
        polygons.setdefault(jaar, {})[code] = shapely.from_wkb(bytes(wkb))
    return BuurtIndex(polygons)


def decide_gemeente(connection: psycopg.Connection, opdracht: Opdracht, first: pd.DataFrame | None) -> str:
    """The municipality of a load: the asked one, else the known source's, else the only one loaded, else the one
    that holds most of the first points or area codes. Refused when none can be told."""
    if opdracht.gemeente:
        return opdracht.gemeente
    known = connection.execute("select gemeente_code from publiek.bron where naam = %s", (opdracht.bron,)).fetchall()
    loaded = connection.execute("select distinct gemeente_code from publiek.gebied").fetchall()
    for rows in (known, loaded):
        if len(rows) == 1:
            return str(rows[0][0])
    if first is not None and len(first):
        codes = _codes_in(connection, first)
        if len(codes):
            return str(codes.mode().iloc[0])
    raise Refused("Bij welke gemeente hoort dit bestand? Geef --gemeente op, bijvoorbeeld --gemeente GM0153.")


def _codes_in(connection: psycopg.Connection, frame: pd.DataFrame) -> pd.Series:
    for column in ("gebied_code", "herkomst_buurt_code"):
        if column in frame:
            return frame[column].dropna().map(gemeente_of).dropna()
    if "x" not in frame:
        return pd.Series(dtype=object)
    coded = frame.get("buurt_code", pd.Series(dtype=object)).dropna()
    shapes = connection.execute(
        "select code, st_asbinary(geom) from publiek.gebied where niveau = 'gemeente' and geom is not null and geldig_tot is null"
    ).fetchall()
    index = BuurtIndex({0: {code: shapely.from_wkb(bytes(wkb)) for code, wkb in shapes}})
    found = index.assign(
        frame["x"].to_numpy(float), frame["y"].to_numpy(float), pd.Series(0, index=frame.index).to_numpy()
    )
    return pd.concat([pd.Series(found, dtype=object).dropna(), coded.map(gemeente_of).dropna()])


def peek(items: Iterator[Item]) -> tuple[Item | None, Iterator[Item]]:
    """The first item, and all items including it."""
    first = next(items, None)
    return first, items if first is None else chain([first], items)


def with_progress(batches: Iterable[Batch], progress: Progress | None) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        if progress:
            progress(batch.read)


def refresh_source(connection: psycopg.Connection, gemeente: str, bron: str, today: date, *, new_data: bool) -> None:
    """Everything that is derived from a source's reports: its dates, its version, its released figures.

    new_data: the source itself brought something; otherwise (new areas, new coverage) it keeps its own date.
    """
    update_source_facts(connection, gemeente, bron)
    bump_version(connection, gemeente, bron, new_data=new_data)
    release_source(connection, gemeente, bron, today=today)
