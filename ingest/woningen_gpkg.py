"""Read the bag-light GeoPackage: layers pand and verblijfsobject, in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer

from ingest.errors import ColumnsMissing, SourceRefused, SourceUnreadable
from ingest.records import Batch, Note
from ingest.woningen_bag import points_inside
from ingest.woningen_regels import Objects, join_keys, to_batch

_ROWS = 50_000
_LAYERS = ("pand", "verblijfsobject")
_ALIASES = {
    "sleutel": ("identificatie", "id", "bagid"),
    "status": ("status", "pandstatus"),
    "bouwjaar": ("oorspronkelijkbouwjaar", "bouwjaar"),
    "gebruiksdoelen": ("gebruiksdoel", "gebruiksdoelen"),
    "oppervlakte": ("oppervlakte",),
    "pand_sleutels": ("pandidentificatie", "pandidentificaties", "pandref", "maaktdeeluitvan"),
    "einde": ("eindgeldigheid", "einddatumgeldigheid", "eindregistratie"),
}


def read_bag_gpkg(path: Path, name: str) -> Iterator[Batch]:
    """Raises SourceUnreadable (no such layers), ColumnsMissing, SourceRefused (no coordinate system)."""
    try:
        layers = [str(layer) for layer, geometry in pyogrio.list_layers(path) if geometry is not None]
        wanted = [layer for layer in layers if layer.lower() in _LAYERS]
        if not wanted:
            raise SourceUnreadable(f"{name} heeft geen laag pand of verblijfsobject.")
        seen: set[str] = set()
        done = 0
        for layer in wanted:
            for batch in _read_layer(path, layer, name, done, seen):
                done += batch.read
                yield batch
    except (DataSourceError, DataLayerError) as error:
        raise SourceUnreadable(f"{name} is niet te lezen als GeoPackage.") from error


def _read_layer(path: Path, layer: str, name: str, done: int, seen: set[str]) -> Iterator[Batch]:
    info = pyogrio.read_info(path, layer=layer)
    columns = _columns([str(field) for field in info["fields"]], layer, name)
    with pyogrio.open_arrow(path, layer=layer, columns=list(columns.values()), batch_size=_ROWS, use_pyarrow=True) as (
        meta,
        reader,
    ):
        geometry = meta["geometry_name"] or "wkb_geometry"
        plan = _Layer(layer.lower(), columns, _transformer(meta["crs"], name), geometry)
        for table in reader:
            yield _batch(table, plan, done, seen)
            done += table.num_rows


def _columns(fields: list[str], layer: str, name: str) -> dict[str, str]:
    keys = {re.sub(r"[^a-z0-9]", "", field.lower()): field for field in fields}
    found = {
        role: next((keys[alias] for alias in aliases if alias in keys), None) for role, aliases in _ALIASES.items()
    }
    for role in ("sleutel", "status"):
        if found[role] is None:
            raise ColumnsMissing(f"{name} mist in de laag {layer} de kolom {_ALIASES[role][0]}.")
    return {role: column for role, column in found.items() if column is not None}


def _transformer(crs: str | None, name: str) -> Transformer | None:
    if not crs:
        raise SourceRefused(f"{name} noemt geen coördinatenstelsel.")
    source = CRS.from_user_input(crs)
    return None if source.to_epsg() == 28992 else Transformer.from_crs(source, "EPSG:28992", always_xy=True)


@dataclass(frozen=True)
class _Layer:
    """columns: role -> column. to_rd: None for a layer in RD. geometry: name of the WKB column."""

    soort: str
    columns: dict[str, str]
    to_rd: Transformer | None
    geometry: str


def _batch(table: Any, layer: _Layer, done: int, seen: set[str]) -> Batch:
    columns = layer.columns

    def values(role: str) -> list[Any]:
        return table.column(columns[role]).to_pylist() if role in columns else [None] * table.num_rows

    x, y = points_inside(shapely.from_wkb(table.column(layer.geometry).to_numpy(zero_copy_only=False)))
    if layer.to_rd is not None:
        x, y = layer.to_rd.transform(x, y)
    current = [index for index, end in enumerate(values("einde")) if end is None]

    def kept(role: str) -> list[Any]:
        column = values(role)
        return [column[index] for index in current]

    objects = Objects(
        line=[done + index + 1 for index in current],
        soort=[layer.soort] * len(current),
        sleutel=[None if key is None else str(key) for key in kept("sleutel")],
        status=kept("status"),
        gebruiksdoelen=[_joined(value) for value in kept("gebruiksdoelen")],
        oppervlakte=kept("oppervlakte"),
        bouwjaar=kept("bouwjaar"),
        pand_sleutels=[join_keys(_parts(value)) for value in kept("pand_sleutels")],
        x=np.asarray(x)[current].tolist(),
        y=np.asarray(y)[current].tolist(),
    )
    old = table.num_rows - len(current)
    notes = (Note("niet_actueel", "Voorkomens met een einddatum zijn niet bewaard.", old),) if old else ()
    return to_batch(objects, table.num_rows, seen, notes)


def _parts(value: object) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list) else re.split(r"[,;|]", str(value).strip("[]{}()"))
    return [str(item).strip(" '\"") for item in items if str(item).strip(" '\"")]


def _joined(value: object) -> str | None:
    return ";".join(dict.fromkeys(part.lower() for part in _parts(value))) or None
