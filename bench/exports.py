"""A million reports out of the database: our exports against ogr2ogr, each from the same rows.

python -m bench.exports [--keer 3] [--rijen 1000000] [--url postgresql://…]. Without a URL the database that
`buurtsignaal` uses, which is **reset** when it holds another number of reports; with one it is only read. Every run
must give the right number of features; the table gives the time and the largest memory of each.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pyogrio
from pyarrow import parquet

from bench.harness import BenchError, Command, compare, run_quietly
from bench.loading import ensure_reports
from geo_service.db.queries.stream import stream_rows
from geo_service.domain.velden import Soort, Veld
from geo_service.formats import FORMATEN
from geo_service.formats.tabel import Tabel

_VELDEN = (
    Veld("bron", Soort.TEKST, "Bron"),
    Veld("tijd", Soort.MOMENT, "Moment van de melding"),
    Veld("dag", Soort.DAG, "Dag van de melding"),
    Veld("tijd_onzeker", Soort.JANEE, "Of de tijd onzeker is"),
    Veld("categorie", Soort.TEKST, "Categorie"),
    Veld("bron_categorie", Soort.TEKST, "Categorie volgens de bron"),
    Veld("status", Soort.TEKST, "Status"),
    Veld("buurt_code", Soort.TEKST, "Buurt"),
    Veld("gesloten_op", Soort.MOMENT, "Moment van afsluiten"),
)
_NAMES = ", ".join(veld.naam for veld in _VELDEN)
_OGR = {
    "csv": ("csv", "CSV", "-lco", "GEOMETRY=AS_XY"),
    "geojsonseq": ("geojsonseq", "GeoJSONSeq", "-lco", "RS=YES"),
    "gpkg": ("gpkg", "GPKG"),
    "fgb": ("fgb", "FlatGeobuf"),
    # Debian's ogr2ogr writes no Parquet: compared with the nearest binary format.
    "parquet": ("fgb", "FlatGeobuf"),
}


async def export(url: str, formaat: str, path: Path, rows: int) -> None:
    """Write `rows` reports with our own stream, as the service would."""
    tabel = Tabel(
        "meldingen",
        "Meldingen",
        _VELDEN,
        Soort.GEHEEL,
        "Point",
        28992,
        "Bron: bench, 2023-2025; zonder drempel",
        "geen",
    )
    statement = f"select melding_id, st_asbinary(geom), {_NAMES} from intern.melding limit %(rows)s"
    async with await psycopg.AsyncConnection.connect(url) as connection:
        stream = FORMATEN[formaat].schrijver(tabel, stream_rows(connection, statement, {"rows": rows}))
        with path.open("wb") as file:
            async for piece in stream:
                file.write(piece)


def contenders(url: str, formaat: str, folder: Path, rows: int) -> list[Command]:
    """Return ogr2ogr (the reference, where it writes the format) and ours, each with a count of what it wrote."""
    suffix, driver, *options = _OGR[formaat]
    ogr, own = folder / f"ogr.{suffix}", folder / f"eigen.{formaat}"
    module = [sys.executable, "-m", "bench.exports", "--url", url, "--rijen", str(rows), "--uit", str(own), "--formaat"]
    query = f"select melding_id, {_NAMES}, geom from intern.melding limit {rows}"
    reference = ["ogr2ogr", "-f", driver, str(ogr), f"PG:{url}", *options, "-sql", query]
    commands = [
        Command(f"ogr2ogr {driver}", reference, prepare=_remover(ogr), check=_expect(ogr, rows)),
        Command(f"buurtsignaal {formaat}", [*module, formaat], prepare=_remover(own), check=_expect(own, rows)),
    ]
    idle = Command(f"buurtsignaal {formaat}, 1 rij", [*module, formaat, "--rijen", "1"], prepare=_remover(own))
    return [*commands, idle]


def _remover(path: Path) -> Callable[[], None]:
    return lambda: path.unlink(missing_ok=True)


def _expect(path: Path, rows: int) -> Callable[[], None]:
    def check() -> None:
        found = _count(path)
        if found != rows:
            raise BenchError(f"{path.name}: expected {rows} features, found {found}")

    return check


def _count(path: Path) -> int:
    if path.suffix == ".csv":
        with path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b"")) - 1
    if path.suffix == ".geojsonseq":
        with path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
    if path.suffix == ".parquet":
        return int(parquet.read_metadata(path).num_rows)
    return int(pyogrio.read_info(path, force_feature_count=True)["features"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("--url", help="a database with reports, as its owner")
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--rijen", type=int, default=1_000_000)
    parser.add_argument("--formaat", choices=FORMATEN, help="only this format")
    parser.add_argument("--uit", type=Path, help="write one file of that format with our own exporter, and stop")
    options = parser.parse_args(arguments)
    if options.uit is not None:
        asyncio.run(export(options.url, options.formaat, options.uit, options.rijen))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return 0
    try:
        if shutil.which("ogr2ogr") is None:
            raise BenchError("ogr2ogr is not installed or not on the PATH")
        url = options.url or run_quietly(["buurtsignaal", "db", "url"])
        if options.url is None:
            ensure_reports(url, options.rijen)
        with tempfile.TemporaryDirectory() as folder:
            for formaat in [options.formaat] if options.formaat else FORMATEN:
                print(compare(contenders(url, formaat, Path(folder), options.rijen), options.keer), "\n")
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
