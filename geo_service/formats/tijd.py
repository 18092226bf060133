"""Days and moments as ISO 8601 text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def as_iso(column: pa.Array) -> pa.Array:
    """``2024-05-31`` for days, ``2024-05-31T22:00:00Z`` for moments; a fraction of a second only where there is one."""
    if pa.types.is_date32(column.type):
        return pc.cast(column, pa.string())
    # Without a time zone, so that no time zone database is needed to print UTC.
    moments = column.view(pa.int64()).view(pa.timestamp("us"))
    seconds = pc.cast(pc.floor_temporal(moments, unit="second"), pa.timestamp("s"))
    whole = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%S")
    fraction = pc.microsecond(moments), pc.millisecond(moments)
    microseconds = pc.add(fraction[0], pc.multiply(fraction[1], 1000))
    some = pc.greater(microseconds, 0)
    if not pc.any(some).as_py():
        return pc.binary_join_element_wise(whole, "Z", "")
    digits = pc.utf8_lpad(pc.cast(microseconds, pa.string()), 6, "0")
    tail = pc.if_else(some, pc.binary_join_element_wise(".", digits, "Z", ""), "Z")
    return pc.binary_join_element_wise(whole, tail, "")
