"""Packed Hilbert R-trees: the order of features along a curve, and the boxes of the levels above them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from geo_service.formats.arrow import GEOMETRY
from geo_service.formats.coordinates import read_bounds

Boxes = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[Any]]

_CELLS = 65_535
_AT_ONCE = 2_048
_NOWHERE = np.array([np.inf, np.inf, -np.inf, -np.inf])


class BoxCollector:
    """Passes record batches on and remembers the box of each geometry (32 bytes a row)."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def watch(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._bytes += read_bounds(batch.column(GEOMETRY)).tobytes()
            yield batch

    @property
    def boxes(self) -> Boxes:
        """(n, 4): xmin, ymin, xmax, ymax; NaN where there is no geometry."""
        return np.frombuffer(self._bytes, dtype=np.float64).reshape(-1, 4)


def extent(boxes: Boxes) -> Boxes | None:
    """The box (4,) around all boxes; None when there is nothing with a place."""
    low, high = np.fmin.reduce(boxes[:, :2], initial=np.inf), np.fmax.reduce(boxes[:, 2:], initial=-np.inf)
    found = np.concatenate([low, high])
    return found if np.isfinite(found).all() else None


def curve_order(boxes: Boxes, around: Boxes) -> Whole:
    """Row numbers (n,) in the order of the Hilbert curve through the centres; rows without a place come first."""
    distances = [_hilbert(*_cells(part, around)) for part in _parts(boxes)]
    return np.argsort(np.concatenate(distances), kind="stable").astype(np.uint32)


def leaves(boxes: Boxes, order: Whole) -> Boxes:
    """The boxes of these rows; nowhere, which meets nothing, where there is no place."""
    found = boxes[order]
    return np.where(np.isnan(found), _NOWHERE, found)


def levels(boxes: Boxes, order: Whole, size: int) -> list[Boxes]:
    """The levels above the leaves, each box around `size` boxes below, up to the one root."""
    found = [np.concatenate([_group(leaves(boxes, part), size) for part in _parts(order, size * _AT_ONCE)])]
    while len(found[-1]) > 1:
        found.append(_group(found[-1], size))
    return found


def outwards(values: Boxes, *, up: bool) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Sides of boxes (n,) as float32, never inside the true ones: `up` for the larger side."""
    rounded = values.astype(np.float32)
    inside = rounded < values if up else rounded > values
    return np.where(inside, np.nextafter(rounded, np.float32(np.inf if up else -np.inf)), rounded)


def _group(boxes: Boxes, size: int) -> Boxes:
    padding = np.tile(_NOWHERE, (-len(boxes) % size, 1))
    groups = np.concatenate([boxes, padding]).reshape(-1, size, 4)
    return np.concatenate([groups[:, :, :2].min(axis=1), groups[:, :, 2:].max(axis=1)], axis=1)


def _parts(values: Whole, size: int = 32_768) -> Iterator[Whole]:
    """Slices, so that what is computed from them never needs much memory at once."""
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]


def _cells(boxes: Boxes, around: Boxes) -> list[Whole]:
    size = np.maximum(around[2:] - around[:2], np.finfo(float).tiny)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 - around[:2]
    return list(np.nan_to_num(centres / size * _CELLS).astype(np.uint32).T)


def _hilbert(x: Whole, y: Whole) -> Whole:
    """Distance along a Hilbert curve of 65 536 × 65 536 cells."""
    distance = np.zeros(len(x), dtype=np.uint32)
    side = 1 << 15
    while side:
        right, up = (x & side) > 0, (y & side) > 0
        distance += np.uint32(side * side) * ((3 * right.astype(np.uint32)) ^ up)
        flip = right & ~up
        x, y = np.where(flip, _CELLS - x, x), np.where(flip, _CELLS - y, y)
        x, y = np.where(up, x, y), np.where(up, y, x)
        side >>= 1
    return distance
