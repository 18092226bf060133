"""Load one source: reader -> writer -> released figures, all in one transaction. What the command line calls."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import shapely
from psycopg.types.json import Jsonb

from geo_service.db.engine import privileged_connection
from geo_service.db.write.bronnen import bump_version, ensure_bron, update_source_facts, write_bronnen
from geo_service.db.write.gebieden import write_gebieden
from geo_service.db.write.meldingen import write_meldingen
from geo_service.db.write.registers import (
    BEZOEK,
    INTERVENTIE,
    PAND,
    VOORZIENING,
    VOORZIENING_GEVOELIG,
    WIJKWIJZER,
    WONING,
    Register,
    upsert_register,
    write_kerncijfers,
)  # fmt: skip
from geo_service.db.write.run import Run, start_run
from geo_service.db.write.tellingen import write_tellingen
from geo_service.domain.gebieden import BuurtIndex, gemeente_of, is_gemeente_code
from geo_service.errors import BuurtsignaalError, Refused
from geo_service.jobs.vrijgave import release_source
from geo_service.jobs.woningvoorraad import summarise_woningen
from ingest.errors import SourceRefused
from ingest.records import Batch

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Opdracht:
    """What to load. bron: name of the source; gemeente None: decided by the rules of ``decide_gemeente``."""

    laag: str
    pad: str
    bron: str
    gemeente: str | None = None
    jaar: int | None = None
    mapping: str | None = None
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


@contextmanager
def loading(url: str, opdracht: Opdracht, sha256: str | None, formaat: str | None = None) -> Iterator[Run]:
    """One transaction for one run. A refusal rolls everything back and leaves a record of the refusal itself."""
    if opdracht.gemeente is not None and not is_gemeente_code(opdracht.gemeente):
        raise Refused(f"{opdracht.gemeente!r} is geen gemeentecode. Schrijf bijvoorbeeld GM0153.")
    name = Path(opdracht.pad).name
    try:
        with privileged_connection(url) as connection:
            run = Run(connection, opdracht.laag, opdracht.bron, name, sha256, formaat, opdracht.gemeente)
            with start_run(connection, run):
                yield run
    except (BuurtsignaalError, SourceRefused) as error:
        record_refusal(url, opdracht, sha256, str(error))
        raise


def record_refusal(url: str, opdracht: Opdracht, sha256: str | None, reason: str) -> None:
    with privileged_connection(url) as connection:
        connection.execute(
            "insert into intern.ingest_run (gemeente_code, laag, bron, bestand, sha256, uitkomst, aantallen, opmerkingen, begonnen_op) "
            "values (%s, %s, %s, %s, %s, 'geweigerd', '{}', %s, %s)",
            (
                opdracht.gemeente,
                opdracht.laag,
                opdracht.bron,
                Path(opdracht.pad).name,
                sha256,
                Jsonb([{"code": "geweigerd", "tekst": reason, "aantal": 1}]),
                datetime.now(UTC),
            ),
        )


def make_verslag(run: Run, opdracht: Opdracht) -> Verslag:
    if opdracht.afkeur is not None:
        _write_afkeur(run, opdracht.afkeur)
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
        [(text, count) for (_, text), count in run.notes.items()], run.seconden, dekking,
    )  # fmt: skip


def _write_afkeur(run: Run, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["regel", "code", "reden", "sleutel"])
        rows = run.connection.execute(
            "select regel, code, reden, sleutel from intern.ingest_afkeur where run_id = %s order by regel",
            (run.run_id,),
        )
        writer.writerows(rows)


def load_buurt_index(connection: psycopg.Connection, gemeente: str) -> BuurtIndex:
    """The buurten with a polygon of one municipality, per vintage."""
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
    shapes = connection.execute(
        "select code, st_asbinary(geom) from publiek.gebied where niveau = 'gemeente' and geom is not null and geldig_tot is null"
    ).fetchall()
    index = BuurtIndex({0: {code: shapely.from_wkb(bytes(wkb)) for code, wkb in shapes}})
    found = index.assign(
        frame["x"].to_numpy(float), frame["y"].to_numpy(float), pd.Series(0, index=frame.index).to_numpy()
    )
    return pd.Series(found).dropna()


def peek(frames: Iterator[pd.DataFrame]) -> tuple[pd.DataFrame | None, Iterator[pd.DataFrame]]:
    """The first frame, and all frames including it."""
    first = next(frames, None)

    def everything() -> Iterator[pd.DataFrame]:
        if first is not None:
            yield first
            yield from frames

    return first, everything()


def with_progress(batches: Iterable[Batch], progress: Progress | None) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        if progress:
            progress(batch.read)


def store_meldingen(run: Run, batches: Iterable[Batch], kind: str, opdracht: Opdracht) -> None:
    """Write reports or counts per area, then bring the source's facts and released figures up to date."""
    first, frames = peek(run.take(batches))
    run.gemeente = decide_gemeente(run.connection, opdracht, first)
    ensure_bron(run.connection, run.gemeente, run.bron, "meldingen")
    if kind == "telling":
        write_tellingen(run, frames)
    else:
        write_meldingen(run, frames, load_buurt_index(run.connection, run.gemeente), volledig=opdracht.volledig)
    if run.counts.gelezen and run.counts.afgekeurd == run.counts.gelezen:
        reasons = ", ".join(f"{code} ({count})" for code, count in run.reject_codes.items())
        raise Refused(f"Alle {run.counts.gelezen} regels zijn afgekeurd: {reasons}. Er is niets opgeslagen.")
    if run.counts.opgeslagen or run.counts.gewijzigd or run.counts.gesloten:
        refresh_source(run.connection, run.gemeente, run.bron, opdracht.today)


def refresh_source(connection: psycopg.Connection, gemeente: str, bron: str, today: date) -> None:
    """Everything that is derived from a source's reports: its dates, its version, its released figures."""
    update_source_facts(connection, gemeente, bron)
    bump_version(connection, gemeente, bron)
    release_source(connection, gemeente, bron, today=today)


def store_register(run: Run, batches: Iterable[Batch], registers: dict[str, Register], opdracht: Opdracht) -> None:
    """Write a keyed register. registers: which rows go where, by a query on the frame ('' = all rows)."""
    first, frames = peek(run.take(batches))
    run.gemeente = decide_gemeente(run.connection, opdracht, first)
    ensure_bron(run.connection, run.gemeente, run.bron, opdracht.laag)
    index = load_buurt_index(run.connection, run.gemeente)
    if len(registers) == 1:
        upsert_register(run, next(iter(registers.values())), frames, index)
    else:
        whole = list(frames)
        for query, register in registers.items():
            upsert_register(run, register, (frame.query(query).reset_index(drop=True) for frame in whole), index)
    bump_version(run.connection, run.gemeente, run.bron)


REGISTERS: dict[str, dict[str, Register]] = {
    "wijkwijzers": {"": WIJKWIJZER},
    "bezoeken": {"": BEZOEK},
    "voorzieningen": {"not gevoelig": VOORZIENING, "gevoelig": VOORZIENING_GEVOELIG},
    "woningen": {"soort == 'pand'": PAND, "soort == 'verblijfsobject'": WONING},
    "interventies": {"": INTERVENTIE},
}


def store_layer(run: Run, batches: Iterable[Batch], opdracht: Opdracht) -> None:
    """Write a layer other than reports and areas."""
    if opdracht.laag == "kerncijfers":
        run.gemeente = opdracht.gemeente
        write_kerncijfers(run, run.take(batches))
        return
    if opdracht.laag == "interventies":
        # The source of the signal an intervention aims at; the table's own bron is where the register came from.
        batches = (replace(batch, records=batch.records.rename(columns={"bron": "signaal_bron"})) for batch in batches)
    store_register(run, batches, REGISTERS[opdracht.laag], opdracht)
    if opdracht.laag == "woningen" and run.gemeente:
        summarise_woningen(run.connection, run.gemeente, run.bron)


def store_gebieden(run: Run, gebiedenset: Any, opdracht: Opdracht, *, benaderd: bool = False) -> None:
    """Write a vintage of areas with the key figures that came along, and recount what moved."""
    run.add_notes(gebiedenset.notes)
    run.add_rejects(gebiedenset.rejects)
    gebieden = gebiedenset.gebieden
    run.counts.gelezen = int((gebieden["niveau"] == "buurt").sum()) + len(gebiedenset.rejects)
    codes = sorted(set(gebieden["gemeente_code"]))
    run.gemeente = codes[0] if len(codes) == 1 else opdracht.gemeente
    jaar = opdracht.jaar or opdracht.today.year
    write_gebieden(run, gebieden, gebiedenset.buurten_in, jaar=jaar, benaderd=benaderd)
    counts = dict(vars(run.counts))
    if len(gebiedenset.kerncijfers):
        write_kerncijfers(run, [gebiedenset.kerncijfers])
        vars(run.counts).update(counts)  # the report counts areas; the key figures come along
    for gemeente in codes:
        sources = run.connection.execute(
            "select naam from publiek.bron where gemeente_code = %s", (gemeente,)
        ).fetchall()
        for (bron,) in sources:
            refresh_source(run.connection, gemeente, bron, opdracht.today)


def store_bronnen(run: Run, bronnen: Any, opdracht: Opdracht) -> None:
    run.gemeente = opdracht.gemeente
    for gemeente, bron in write_bronnen(run, bronnen):
        run.gemeente = run.gemeente or gemeente
        refresh_source(run.connection, gemeente, bron, opdracht.today)
