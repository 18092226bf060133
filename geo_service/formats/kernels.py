"""The loops behind vector tiles and pages of GeoJSON, compiled: points written byte by byte.

Kept apart because importing numba takes most of a second, and together because what is compiled is kept on disk by the
age of one file. The kernels hold no lock and no state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Whole = np.ndarray[Any, np.dtype[np.int64]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

# Protocol Buffers: the field of the specification with how its value is written.
_FEATURE, _VALUE, _STRING = 0x12, 0x22, 0x0A
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_POINT, _MOVE_TO_ONCE = 1, 9
# The longest varint, and what a feature has besides its tags.
_LONGEST, _REST = 10, 60
# What comes before a short text that is a value, and room for both.
_VALUE_HEAD, _VALUE_ROOM = 4, 40
_DASH, _COLON, _COMMA, _DOT, _T, _Z, _ZERO, _LIST, _LIST_END = (ord(sign) for sign in "-:,.TZ0[]")
# From 1 March of the year 0 to 1970, and how many days 400 years have.
_DAYS_BEFORE_1970, _DAYS_IN_ERA = 719_468, 146_097

# What a feature of GeoJSON has around its values, and room for its number, its place and for a day or moment.
_OPENING = np.frombuffer(b'{"type":"Feature","id":', np.uint8)
_PLACE = np.frombuffer(b',"geometry":{"type":"Point","coordinates":[', np.uint8)
_PLACE_END = np.frombuffer(b"]}", np.uint8)
_NO_PLACE = np.frombuffer(b',"geometry":null', np.uint8)
_NUMBER_ROOM, _MOMENT_ROOM = 24, 40


@njit(cache=True, nogil=True)
def write_tile_features(  # noqa: PLR0913  (a compiled loop over loose arrays)
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
        at = _copy(out, at, tags[row], 0, sizes[row])
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
    """Values of a layer: microseconds (n,) since 1970 as ``2024-05-31T22:00:00.5Z``, a fraction where there is one."""
    out = np.empty(_VALUE_ROOM * len(moments), dtype=np.uint8)
    at = 0
    for place in range(len(moments)):
        at = _finish(out, at, _put_moment(out, at + _VALUE_HEAD, moments[place]))
    return out[:at]


@njit(cache=True, nogil=True)
def write_geojson_features(  # noqa: PLR0913  (a compiled loop over loose arrays)
    ids: Whole, x: Floats, y: Floats, decimals: int, texts: Bytes, starts: Whole, group: Whole, own: Whole, days: Bytes
) -> tuple[Bytes, Whole]:
    """A list of features of points, and where each of them ends.

    ids, x, y: (n,), the first and second coordinate as written, NaN without a place. texts: what the features of a
    group share, one piece after the other, from starts (g, k + 2) on; group: (n,). own: (k, n) what stands between
    those pieces: where days (k,) is 1 days since 1970, else microseconds.
    """
    number, between = len(ids), len(days)
    longest = 0
    for row in range(len(starts)):
        longest = max(longest, starts[row, between + 1] - starts[row, 0])
    around = len(_OPENING) + len(_PLACE) + len(_PLACE_END) + 2 + 3 * _NUMBER_ROOM
    out = np.empty((around + longest + between * _MOMENT_ROOM) * number + 2, dtype=np.uint8)
    ends = np.empty(number, dtype=np.int64)
    scale = 10.0**decimals
    at = _field(out, 0, _LIST)
    for point in range(number):
        if point:
            at = _field(out, at, _COMMA)
        at = _put_whole(out, _copy(out, at, _OPENING, 0, len(_OPENING)), ids[point])
        if np.isnan(x[point]):
            at = _copy(out, at, _NO_PLACE, 0, len(_NO_PLACE))
        else:
            at = _copy(out, at, _PLACE, 0, len(_PLACE))
            at = _field(out, _put_decimal(out, at, int(np.rint(x[point] * scale)), decimals), _COMMA)
            at = _put_decimal(out, at, int(np.rint(y[point] * scale)), decimals)
            at = _copy(out, at, _PLACE_END, 0, len(_PLACE_END))
        row = group[point]
        for piece in range(between):
            at = _copy(out, at, texts, starts[row, piece], starts[row, piece + 1])
            at = _put_day(out, at, own[piece, point]) if days[piece] else _put_moment(out, at, own[piece, point])
        at = _copy(out, at, texts, starts[row, between], starts[row, between + 1])
        ends[point] = at
    return out[: _field(out, at, _LIST_END)], ends


@njit(cache=True, nogil=True)
def _copy(out: Bytes, at: int, source: Bytes, start: int, end: int) -> int:
    # Numbers that cannot be negative spare the compiler a check per byte: twenty times as fast.
    to, begin = np.uint64(at), np.uint64(start)
    for place in range(np.uint64(end - start)):
        out[to + place] = source[begin + place]
    return at + end - start


@njit(cache=True, nogil=True)
def _put_decimal(out: Bytes, at: int, value: int, decimals: int) -> int:
    """A number of so many decimals, without the zeros at its end."""
    if value < 0:
        at, value = _field(out, at, _DASH), -value
    scale = 10**decimals
    whole, part = value // scale, value % scale
    at = _put_whole(out, at, whole)
    if part == 0:
        return at
    while part % 10 == 0:
        part //= 10
        decimals -= 1
    return _put_digits(out, _field(out, at, _DOT), part, decimals)


@njit(cache=True, nogil=True)
def _put_whole(out: Bytes, at: int, value: int) -> int:
    width, rest = 1, value // 10
    while rest:
        rest //= 10
        width += 1
    return _put_digits(out, at, value, width)


@njit(cache=True, nogil=True)
def _put_moment(out: Bytes, at: int, moment: int) -> int:
    seconds, fraction = moment // 1_000_000, moment % 1_000_000
    days, clock = seconds // 86_400, seconds % 86_400
    at = _field(out, _put_day(out, at, days), _T)
    at = _field(out, _put_digits(out, at, clock // 3600, 2), _COLON)
    at = _field(out, _put_digits(out, at, clock // 60 % 60, 2), _COLON)
    at = _put_digits(out, at, clock % 60, 2)
    if fraction:
        width = 6
        while fraction % 10 == 0:
            fraction //= 10
            width -= 1
        at = _put_digits(out, _field(out, at, _DOT), fraction, width)
    return _field(out, at, _Z)


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
