"""The formats of an export, each written as a stream with flat memory."""

from __future__ import annotations

from collections.abc import Mapping

from geo_service.formats.csv import write_csv
from geo_service.formats.fgb import write_fgb
from geo_service.formats.geojsonseq import write_geojsonseq
from geo_service.formats.gpkg import write_gpkg
from geo_service.formats.parquet import write_parquet
from geo_service.formats.tabel import Formaat

_ALL = (
    Formaat("csv", "text/csv; charset=utf-8", "csv", "CSV, voor rekenblad en statistiek", write_csv),
    Formaat("geojsonseq", "application/geo+json-seq", "geojsonl", "GeoJSON, één object per regel", write_geojsonseq),
    Formaat("gpkg", "application/geopackage+sqlite3", "gpkg", "GeoPackage, voor QGIS en ArcGIS", write_gpkg),
    Formaat("fgb", "application/flatgeobuf", "fgb", "FlatGeobuf, met ruimtelijke index", write_fgb),
    Formaat("parquet", "application/vnd.apache.parquet", "parquet", "GeoParquet, voor R en Python", write_parquet),
)

FORMATEN: Mapping[str, Formaat] = {formaat.naam: formaat for formaat in _ALL}
