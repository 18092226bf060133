"""Mapbox Vector Tile 2.1: one layer of numbered points, encoded together instead of feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from geo_service.domain.punten import Punten, Shared
from geo_service.formats.kernels import write_days, write_moments, write_tile_features

# Fields of Protocol Buffers as the specification numbers them, with how their value is written.
_LAYER, _NAME, _KEY, _VALUE, _EXTENT, _VERSION = 0x1A, 0x0A, 0x1A, 0x22, 0x28, 0x78
_STRING, _BOOLEAN = 0x0A, 0x38


def encode_points(laag: str, punten: Punten, extent: int) -> bytes:
    """The tile with this one layer; nothing when there are no points. Their places: units of the tile (``int64``), y
    downwards.

    Of the same rows ``ST_AsMVT`` makes an equal tile, save for the order. It looks every value of every feature up;
    here what a group shares is looked up once per group.
    """
    if not len(punten):
        return b""
    known: dict[tuple[type, Shared], int] = {}
    tags = [_shared_tags(values, known) for values in punten.groepen]
    sizes = np.array([len(one) for one in tags])
    table = np.frombuffer(b"".join(one.ljust(sizes.max(), b"\0") for one in tags), np.uint8).reshape(len(tags), -1)
    own = np.empty((len(punten.eigen), len(punten)), np.int64)
    texts, first = [], len(known)
    for row, column in enumerate(punten.eigen.values()):
        different, place = np.unique(column.view(np.int64), return_inverse=True)
        np.add(place, first, out=own[row])
        texts.append((write_days if column.dtype == "M8[D]" else write_moments)(different).tobytes())
        first += len(different)
    keys = np.arange(len(punten.eigen)) + len(punten.namen)
    parts = [
        _bytes_field(_NAME, laag.encode()),
        write_tile_features(punten.ids, punten.x, punten.y, table, sizes, punten.groep, keys, own).tobytes(),
        *(_bytes_field(_KEY, name.encode()) for name in (*punten.namen, *punten.eigen)),
        *(_bytes_field(_VALUE, _shared_value(value)) for _, value in known),
        *texts,
        bytes([_EXTENT]) + _varint(extent),
        bytes([_VERSION, 2]),
    ]
    return b"".join([bytes([_LAYER]), _varint(sum(map(len, parts))), *parts])


def _shared_tags(values: Sequence[Shared], known: dict[tuple[type, Shared], int]) -> bytes:
    """Pairs of key and value; known: the values until now with their numbers, to which new ones are added."""
    return b"".join(
        [
            _varint(key) + _varint(known.setdefault((type(value), value), len(known)))
            for key, value in enumerate(values)
            if value is not None
        ]
    )


def _shared_value(value: Shared) -> bytes:
    return bytes([_BOOLEAN, value]) if isinstance(value, bool) else _bytes_field(_STRING, str(value).encode())


def _bytes_field(field: int, data: bytes) -> bytes:
    return bytes([field]) + _varint(len(data)) + data


@lru_cache(4096)
def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= 128:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)
