"""A million reports: our loader, with validation, buurt assignment and cube, against ogr2ogr with its index.

python -m bench.loading [--keer 3] [--rijen 1000000]. Needs ogr2ogr and the real areas of Enschede (folder
BUURTSIGNAAL_TESTDATA, default ../shared/data). It **resets the database** that `buurtsignaal` uses.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyproj
import shapely

from bench.harness import BenchError, Command, compare, run_quietly

_ROOT = Path(__file__).resolve().parent.parent
_TESTDATA = Path(os.environ.get("BUURTSIGNAAL_TESTDATA", _ROOT.parent / "shared" / "data"))
_AREAS = "enschede/cbs_buurten_2021_enschede_28992.gpkg"
_CATEGORIES = ("afval-dumping", "afval-zwerfafval", "verkeer-parkeren", "personen-jongeren", "wonen-geluid")
_STATES = ("gemeld", "in_behandeling", "afgehandeld", "geannuleerd")


def make_csv(path: Path, town: shapely.Geometry, rows: int, seed: int = 0) -> None:
    """Write `rows` reports (id, created_at, lon, lat, category, status) with points inside `town` (RD)."""
    rng = np.random.default_rng(seed)
    xy = _points_inside(rng, town, rows)
    lon, lat = pyproj.Transformer.from_crs(28992, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    start = np.datetime64("2023-01-01T00:00:00")
    created = start + rng.integers(0, 3 * 365 * 86_400, rows).astype("timedelta64[s]")
    frame = pd.DataFrame(
        {
            "id": np.arange(1, rows + 1),
            "created_at": np.datetime_as_string(created, timezone="UTC"),
            "lon": np.round(lon, 7),
            "lat": np.round(lat, 7),
            "category": rng.choice(np.array(_CATEGORIES), rows),
            "status": rng.choice(np.array(_STATES), rows),
        }
    )
    frame.to_csv(path, index=False)


def contenders(csv: Path, rows: int) -> list[Command]:
    """Return ogr2ogr (the reference) and our loader, each with a count of what it stored."""
    url = run_quietly(["buurtsignaal", "db", "url"])
    reference = [
        *("ogr2ogr", "-f", "PostgreSQL", f"PG:{url}", str(csv)),
        *("-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat"),
        *("-s_srs", "EPSG:4326", "-t_srs", "EPSG:28992"),
        *("-nln", "bench_ogr", "-overwrite", "-lco", "SPATIAL_INDEX=GIST"),
    ]
    ours = ["buurtsignaal", "ingest", "meldingen", str(csv), "--bron", "bench", "--gemeente", "GM0153"]
    stored = "select count(*) from intern.melding where bron = 'bench'"
    return [
        Command("ogr2ogr", reference, check=_expect(url, "select count(*) from bench_ogr", rows)),
        Command("buurtsignaal", ours, prepare=_fresh_database, check=_expect(url, stored, rows)),
    ]


def ensure_reports(url: str, rows: int) -> None:
    """Load the areas of Enschede and `rows` reports with our own commands, unless exactly these are there.

    url: the database that `buurtsignaal` uses, as its owner.
    """
    run_quietly(["buurtsignaal", "db", "migrate"])
    count = "select count(*) from intern.melding"
    try:
        _expect(url, count, rows)()
    except BenchError:
        _fresh_database()
        town = shapely.union_all(gpd.read_file(_areas(), columns=[]).geometry.values)
        with tempfile.TemporaryDirectory() as folder:
            csv = Path(folder) / "meldingen.csv"
            make_csv(csv, town, rows)
            run_quietly(["buurtsignaal", "ingest", "meldingen", str(csv), "--bron", "bench", "--gemeente", "GM0153"])
        _expect(url, count, rows)()


def _points_inside(rng: np.random.Generator, town: shapely.Geometry, rows: int) -> np.ndarray:
    shapely.prepare(town)
    west, south, east, north = town.bounds
    parts, found = [], 0
    while found < rows:
        tries = rng.uniform((west, south), (east, north), (rows, 2))
        good = tries[shapely.contains_xy(town, tries[:, 0], tries[:, 1])]
        parts.append(good)
        found += len(good)
    return np.concatenate(parts)[:rows]


def _areas() -> Path:
    path = _TESTDATA / _AREAS
    if not path.exists():
        raise BenchError(f"the areas are missing: {path} (BUURTSIGNAAL_TESTDATA)")
    return path


def _fresh_database() -> None:
    run_quietly(["buurtsignaal", "db", "reset", "--ja"])
    run_quietly(["buurtsignaal", "ingest", "gebieden", str(_areas()), "--gemeente", "GM0153", "--jaar", "2021"])


def _expect(url: str, question: str, rows: int) -> Callable[[], None]:
    def check() -> None:
        with psycopg.connect(url) as connection:
            found = connection.execute(question).fetchone()
        if found is None or found[0] != rows:
            raise BenchError(f"{question}: expected {rows}, found {found and found[0]}")

    return check


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.loading", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--rijen", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    try:
        for program in ("ogr2ogr", "buurtsignaal"):
            if shutil.which(program) is None:
                raise BenchError(f"{program} is not installed or not on the PATH")
        town = shapely.union_all(gpd.read_file(_areas(), columns=[]).geometry.values)
        with tempfile.TemporaryDirectory() as folder:
            csv = Path(folder) / "meldingen.csv"
            make_csv(csv, town, options.rijen)
            _fresh_database()
            print(compare(contenders(csv, options.rijen), options.keer))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
