"""GeoPackage: GDAL writes the layer, this module its R-tree.

Moments have milliseconds, as the standard says. SQLite's R-tree module inserts boxes one by one (a quarter of a minute
for a million), so its three tables are filled with a packed tree instead, in the layout that sqlite.org documents:
a node is a big-endian height (root only) and count, then an id and four float32 per box.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo_service.formats.gdal_file import RecordBatches, read_pieces, stream_from_folder, write_layer
from geo_service.formats.pakket import BoxCollector, Boxes, Whole, curve_order, extent, levels, outwards
from geo_service.formats.tabel import Batches, Tabel

_DRIVER = "GPKG"
_PER_NODE = 51
_CELL = np.dtype([("key", ">i8"), ("box", ">f4", 4)])
_NODE = np.dtype([("height", ">u2"), ("count", ">u2"), ("cells", _CELL, _PER_NODE)])
_NODES_AT_ONCE = 500
_ROWS_AT_ONCE = 20_000


def write_gpkg(tabel: Tabel, batches: Batches) -> AsyncIterator[bytes]:
    """The file in pieces."""
    return stream_from_folder(tabel, batches, _write)


def _write(tabel: Tabel, batches: RecordBatches, folder: Path) -> Iterator[bytes]:
    path = folder / "rijen.gpkg"
    if tabel.geometrie is None:
        _write_rows(tabel, batches, path)
        return read_pieces(path)
    collector = BoxCollector()
    _write_rows(tabel, collector.watch(batches), path, SPATIAL_INDEX="NO")
    _write_rows(tabel, iter(()), folder / "leeg.gpkg", SPATIAL_INDEX="YES")
    _add_index(path, folder / "leeg.gpkg", f"rtree_{tabel.naam}_geom", collector.boxes)
    return read_pieces(path)


def _write_rows(tabel: Tabel, batches: RecordBatches, path: Path, **options: str) -> None:
    write_layer(tabel, batches, path, _DRIVER, IDENTIFIER=tabel.titel, DESCRIPTION=tabel.verantwoording, **options)


def _add_index(path: Path, example: Path, index: str, boxes: Boxes) -> None:
    """Give the layer the index, its triggers and its registration as GDAL makes them in an empty layer."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # The file is temporary: nothing is left to protect when this fails.
        database.execute("pragma journal_mode = off")
        database.execute("attach ? as voorbeeld", (str(example),))
        database.execute("begin")
        wanted = "select sql from voorbeeld.sqlite_master where name in (?, 'gpkg_extensions') order by name"
        for (create,) in database.execute(wanted, (index,)).fetchall():
            database.execute(create)
        database.execute("insert into main.gpkg_extensions select * from voorbeeld.gpkg_extensions")
        _fill(database, index, boxes)
        triggers = (
            "select sql from voorbeeld.sqlite_master where type = 'trigger' and tbl_name = ? and instr(name, ?) = 1"
        )
        layer = index.removeprefix("rtree_").removesuffix("_geom")
        for (create,) in database.execute(triggers, (layer, index)).fetchall():
            database.execute(create)
        database.execute("commit")


def _fill(database: sqlite3.Connection, index: str, boxes: Boxes) -> None:
    around = extent(boxes) if len(boxes) else None
    if around is None:
        return
    order = curve_order(boxes, around)
    order = order[~np.isnan(boxes[order, 0])]
    database.execute(f'delete from "{index}_node"')  # noqa: S608 - the name of our own layer
    tree = levels(boxes, order, _PER_NODE)
    numbers = _number_nodes(tree)
    _add_nodes(database, index, _Level(numbers[0], order + 1, 0, lambda part: boxes[order[part]]))
    for height in range(1, len(tree)):
        _add_nodes(database, index, _Level(numbers[height], numbers[height - 1], height, tree[height - 1].__getitem__))


def _number_nodes(tree: list[Boxes]) -> list[Whole]:
    """Node numbers of each level; SQLite wants the root to be 1."""
    found, first = [], 2
    for level in tree[:-1]:
        found.append(np.arange(first, first + len(level), dtype=np.uint32))
        first += len(level)
    return [*found, np.array([1], dtype=np.uint32)]


@dataclass(frozen=True)
class _Level:
    """Nodes of one height, leaves 0. keys: rows or child nodes, `_PER_NODE` to a node; boxes: theirs, by slice."""

    nodes: Whole
    keys: Whole
    height: int
    boxes: Callable[[slice], Boxes]

    def blobs(self, first: int, last: int) -> list[bytes]:
        """Nodes `first` up to `last` as SQLite stores them; the height is told in the root only."""
        part = slice(first * _PER_NODE, last * _PER_NODE)
        keys, boxes = self.keys[part], self.boxes(part)
        cells = np.zeros(-(-len(keys) // _PER_NODE) * _PER_NODE, dtype=_CELL)
        cells["key"][: len(keys)] = keys
        for place, side in enumerate((0, 2, 1, 3)):
            cells["box"][: len(keys), place] = outwards(boxes[:, side], up=side >= 2)
        nodes = np.zeros(len(cells) // _PER_NODE, dtype=_NODE)
        nodes["height"] = self.height if len(self.nodes) == 1 else 0
        nodes["count"] = _PER_NODE
        nodes["count"][-1] -= len(cells) - len(keys)
        nodes["cells"] = cells.reshape(-1, _PER_NODE)
        return [node.tobytes() for node in nodes]


def _add_nodes(database: sqlite3.Connection, index: str, level: _Level) -> None:
    owners = np.repeat(level.nodes, _PER_NODE)[: len(level.keys)]
    by_key = np.argsort(level.keys)
    table = "parent" if level.height else "rowid"
    for begin in range(0, len(by_key), _ROWS_AT_ONCE):
        part = by_key[begin : begin + _ROWS_AT_ONCE]
        pairs = zip(level.keys[part].tolist(), owners[part].tolist(), strict=True)
        database.executemany(f'insert into "{index}_{table}" values (?, ?)', pairs)  # noqa: S608
    for first in range(0, len(level.nodes), _NODES_AT_ONCE):
        last = min(first + _NODES_AT_ONCE, len(level.nodes))
        pairs = zip(level.nodes[first:last].tolist(), level.blobs(first, last), strict=True)
        database.executemany(f'insert into "{index}_node" values (?, ?)', pairs)  # noqa: S608
