"""Days and moments as ISO 8601 text."""

from __future__ import annotations

import sys

import pyarrow as pa
import pyarrow.compute as pc

WHOLE = ".000000"


def as_iso(column: pa.Array) -> pa.Array:
    """``2024-05-31`` for days, ``2024-05-31T22:00:00Z`` for moments; a fraction of a second only where there is one."""
    if pa.types.is_date32(column.type):
        return pc.cast(column, pa.string())
    # Without a time zone, so that no time zone database is needed to print UTC: 2024-05-31 22:00:00.000000.
    text = pc.cast(column.view(pa.int64()).view(pa.timestamp("us")), pa.string())
    text = pc.binary_replace_slice(text, start=-16, stop=-15, replacement="T")
    if pc.all(pc.ends_with(text, WHOLE)).as_py():
        return pc.binary_replace_slice(text, start=-len(WHOLE), stop=sys.maxsize, replacement="Z")
    return pc.binary_join_element_wise(pc.replace_substring(text, WHOLE, ""), "Z", "")
