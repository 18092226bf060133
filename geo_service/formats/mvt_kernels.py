"""The loops of a vector tile, compiled: features and values written byte by byte.

Kept apart because importing numba takes most of a second. The kernels hold no lock and no state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Whole = np.ndarray[Any, np.dtype[np.int64]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]

# Protocol Buffers: the field of the specification with how its value is written.
_FEATURE, _VALUE, _STRING = 0x12, 0x22, 0x0A
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_POINT, _MOVE_TO_ONCE = 1, 9
# The longest varint, and what a feature has besides its tags.
_LONGEST, _REST = 10, 60
# What comes before a short text that is a value, and room for both.
_VALUE_HEAD, _VALUE_ROOM = 4, 40
_DASH, _COLON, _DOT, _T, _Z, _ZERO = (ord(sign) for sign in "-:.TZ0")
# From 1 March of the year 0 to 1970, and how many days 400 years have.
_DAYS_BEFORE_1970, _DAYS_IN_ERA = 719_468, 146_097


@njit(cache=True, nogil=True)
def write_features(  # noqa: PLR0913  (compiled: no objects)
    ids: Whole, x: Whole, y: Whole, tags: Bytes, sizes: Whole, group: Whole, keys: Whole, own: Whole
) -> Bytes:
    """The features of a layer, one after the other.

    ids, x, y: (n,), the places in units of the tile. tags: (g, w) encoded tags of each group, of which sizes (g,)
    count; group: (n,). own: (k, n) numbers of the values that differ per point; keys: (k,) the numbers of their keys.
    """
    room = _REST + tags.shape[1] + 2 * _LONGEST * len(keys)
    out = np.empty(room * len(ids), dtype=np.uint8)
    at = 0
    for point in range(len(ids)):
        row = group[point]
        tagged = sizes[row]
        for key in range(len(keys)):
            tagged += _size(keys[key]) + _size(own[key, point])
        right, down = _zigzag(x[point]), _zigzag(y[point])
        placed = 1 + _size(right) + _size(down)
        inside = 1 + _size(ids[point]) + 1 + _size(tagged) + tagged + 2 + 1 + _size(placed) + placed
        at = _put(out, _field(out, at, _FEATURE), inside)
        at = _put(out, _field(out, at, _ID), ids[point])
        at = _put(out, _field(out, at, _TAGS), tagged)
        for place in range(sizes[row]):
            out[at + place] = tags[row, place]
        at += sizes[row]
        for key in range(len(keys)):
            at = _put(out, _put(out, at, keys[key]), own[key, point])
        at = _field(out, _field(out, at, _TYPE), _POINT)
        at = _put(out, _field(out, at, _GEOMETRY), placed)
        at = _put(out, _put(out, _field(out, at, _MOVE_TO_ONCE), right), down)
    return out[:at]


@njit(cache=True, nogil=True)
def write_days(days: Whole) -> Bytes:
    """Values of a layer: days (n,) since 1970 as ``2024-05-31``."""
    out = np.empty(_VALUE_ROOM * len(days), dtype=np.uint8)
    at = 0
    for place in range(len(days)):
        start = at + _VALUE_HEAD
        at = _finish(out, at, _put_day(out, start, days[place]))
    return out[:at]


@njit(cache=True, nogil=True)
def write_moments(moments: Whole) -> Bytes:
    """Values of a layer: microseconds (n,) since 1970 as ``2024-05-31T22:00:00Z``; a fraction where there is one."""
    out = np.empty(_VALUE_ROOM * len(moments), dtype=np.uint8)
    at = 0
    for place in range(len(moments)):
        seconds, fraction = moments[place] // 1_000_000, moments[place] % 1_000_000
        days, clock = seconds // 86_400, seconds % 86_400
        end = _field(out, _put_day(out, at + _VALUE_HEAD, days), _T)
        end = _field(out, _put_digits(out, end, clock // 3600, 2), _COLON)
        end = _field(out, _put_digits(out, end, clock // 60 % 60, 2), _COLON)
        end = _put_digits(out, end, clock % 60, 2)
        if fraction:
            end = _put_digits(out, _field(out, end, _DOT), fraction, 6)
        at = _finish(out, at, _field(out, end, _Z))
    return out[:at]


@njit(cache=True, nogil=True)
def _finish(out: Bytes, at: int, end: int) -> int:
    """What comes before a short text that stands in its place already."""
    size = end - at - _VALUE_HEAD
    _field(out, _field(out, _field(out, _field(out, at, _VALUE), size + 2), _STRING), size)
    return end


@njit(cache=True, nogil=True)
def _put_day(out: Bytes, at: int, day: int) -> int:
    """The day of the Gregorian calendar: in years that begin in March the leap day is the last."""
    since = day + _DAYS_BEFORE_1970
    era, within = since // _DAYS_IN_ERA, since % _DAYS_IN_ERA
    year = (within - within // 1460 + within // 36_524 - within // 146_096) // 365
    of_year = within - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    of_month = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += 400 * era + (1 if month <= 2 else 0)
    width = 4
    while year >= 10**width:
        width += 1
    at = _field(out, _put_digits(out, at, year, width), _DASH)
    return _put_digits(out, _field(out, _put_digits(out, at, month, 2), _DASH), of_month, 2)


@njit(cache=True, nogil=True)
def _put_digits(out: Bytes, at: int, number: int, width: int) -> int:
    for place in range(width):
        out[at + width - 1 - place] = _ZERO + number % 10
        number //= 10
    return at + width


@njit(cache=True, nogil=True)
def _zigzag(value: int) -> int:
    """A number of either sign as a small one without."""
    return (value << 1) ^ (value >> 63)


@njit(cache=True, nogil=True)
def _size(value: int) -> int:
    """How many bytes a varint takes."""
    size = 1
    while value >= 128:
        value >>= 7
        size += 1
    return size


@njit(cache=True, nogil=True)
def _field(out: Bytes, at: int, byte: int) -> int:
    out[at] = byte
    return at + 1


@njit(cache=True, nogil=True)
def _put(out: Bytes, at: int, value: int) -> int:
    while value >= 128:
        out[at] = value & 127 | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1
