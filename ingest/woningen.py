"""Read the housing stock: BAG panden (buildings) and verblijfsobjecten (dwellings and other units)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceUnreadable
from ingest.records import Batch
from ingest.sources import LocalSource, open_source
from ingest.tables import is_excel
from ingest.woningen_bag import bag_xml_gemeente, read_bag_xml
from ingest.woningen_gpkg import read_bag_gpkg
from ingest.woningen_regels import WONING_COLUMNS
from ingest.woningen_tabel import read_bag_table, table_gemeente

__all__ = ["WONING_COLUMNS", "bag_gemeente", "read_woningen"]


def read_woningen(source: str | Path, *, gemeente: str | None = None) -> Iterator[Batch]:
    """Current objects of a BAG extract (XML, zip, nested zips), bag-light GPKG or flattened CSV.

    gemeente: of a table that names the municipality of each row only these rows are kept; an extract or GPKG
    has no such column, see bag_gemeente. Records have WONING_COLUMNS; x, y in EPSG:28992, for a pand a point
    inside it.
    Batch.read counts voorkomens (XML), features or rows. Raises SourceRefused and its kinds.
    """
    with open_source(source) as local:
        shape = _shape_of(local)
        if shape == "gpkg":
            yield from read_bag_gpkg(local.path, local.name)
        elif shape == "tabel":
            yield from read_bag_table(local.path, local.name, gemeente)
        else:
            yield from read_bag_xml(local.path, local.name)


def bag_gemeente(path: str | Path) -> str | None:
    """The municipality (GM0221) that the source itself names; None when it names none or several."""
    with open_source(path) as local:
        shape = _shape_of(local)
        if shape == "gpkg":
            return None
        if shape == "tabel":
            return table_gemeente(local.path)
        return bag_xml_gemeente(local.path, local.name)


def _shape_of(local: LocalSource) -> str:
    with local.path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(b"SQLite format 3"):
        return "gpkg"
    if is_excel(local.path) or local.path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return "tabel"
    if zipfile.is_zipfile(local.path) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "xml"
    raise SourceUnreadable(f"{local.name} is geen BAG-extract (XML of zip), GeoPackage of CSV.")
