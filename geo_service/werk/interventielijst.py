"""A list of interventions, CSV or GeoJSON, that staff bring themselves: checked as forms are, all or none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo_service.domain.crs import RD, transformer
from geo_service.domain.interventies import VELDEN
from geo_service.errors import Faults, InvalidParameters
from geo_service.release.context import Gemeente
from geo_service.werk import interventies
from geo_service.werk.interventies import Geschreven
from geo_service.werk.werkplek import Werkplek
from ingest.errors import IngestError
from ingest.interventies import read_interventies
from ingest.records import Batch

MEESTE = 200
LIJST = "lijst"


@dataclass(frozen=True)
class Gelezen:
    """Actions that can be stored, and what the reader assumed."""

    interventies: list[Geschreven]
    opmerkingen: list[str]


async def read(werkplek: Werkplek, gemeente: Gemeente, text: str) -> Gelezen:
    """What a list says; InvalidParameters names everything that is wrong, by line (``regel 3``)."""
    faults = Faults()
    if not text.strip():
        faults.add(LIJST, "Kies een bestand, of plak de lijst in het veld.")
    faults.raise_any()
    try:
        batches = await asyncio.to_thread(_batches, text, interventies.today())
    except IngestError as error:
        faults.add(LIJST, str(error))
        faults.raise_any()
        raise
    for batch in batches:
        for reject in batch.rejects:
            faults.add(f"regel {reject.line}", reject.reason)
    rows: list[dict[str, Any]] = [
        dict(zip(map(str, batch.records.columns), values, strict=True))
        for batch in batches
        for values in batch.records.itertuples(index=False, name=None)
    ]
    if len(rows) > MEESTE:
        faults.add(LIJST, f"De lijst heeft {len(rows)} interventies. Lees er ten hoogste {MEESTE} tegelijk in.")
        faults.raise_any()
    keuzes = await interventies.choices(werkplek, gemeente)
    found = []
    for row in rows:
        try:
            found.append(await interventies.check(werkplek, gemeente, _texts(row), keuzes))
        except InvalidParameters as error:
            for fault in error.faults:
                faults.add(f"regel {row['line']}", f"{VELDEN.get(fault.name, fault.name)}: {fault.reason}")
    faults.raise_any()
    notes = [note.text for batch in batches for note in batch.notes]
    return Gelezen(found, list(dict.fromkeys(notes)))


def _batches(text: str, today: date) -> list[Batch]:
    suffix = "geojson" if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")) else "csv"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"de lijst.{suffix}"
        path.write_text(text, encoding="utf-8")
        return list(read_interventies(path, today=today))


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    """A record of the reader as the fields of the form."""
    texts = {name: _text(row[name]) for name in VELDEN if name in row}
    drawn = row["geom"] if isinstance(row["geom"], str) else ""
    return {
        **texts,
        "signaal_bron": _text(row["bron"]),
        "gebied": "" if drawn else _text(row["gebied_codes"]),
        "tekening": _geojson(drawn) if drawn else "",
        "kosten": "" if pd.isna(row["kosten"]) else f"{row['kosten']:.2f}",
    }


def _text(value: Any) -> str:
    if value is None or value is pd.NaT or pd.isna(value):
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _geojson(ewkb: str) -> str:
    move = transformer(RD, 4326)
    shape = shapely.transform(shapely.from_wkb(ewkb), lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    return json.dumps(shapely.geometry.mapping(shape))
