"""COPY of a data frame: the columns go over as CSV made by arrow, never row by row."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

_OPTIONS = pa_csv.WriteOptions(include_header=False, quoting_style="needed")


def to_csv(columns: Sequence[str], frame: pd.DataFrame) -> pa.Buffer:
    """The named columns as the CSV that COPY reads; None, NaN and NaT become NULL."""
    arrow = pa.Table.from_pandas(frame[list(columns)], preserve_index=False)
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(arrow, sink, _OPTIONS)
    return sink.getvalue()


def copy_csv(connection: psycopg.Connection, table: str, columns: Sequence[str], data: pa.Buffer) -> None:
    """Append CSV of the named columns to a table; table may name its schema."""
    statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(statement) as copy:
        copy.write(memoryview(data))


def copy_frame(connection: psycopg.Connection, table: str, columns: Sequence[str], frame: pd.DataFrame) -> None:
    """Append the named columns of a frame to a table."""
    if not frame.empty:
        copy_csv(connection, table, columns, to_csv(columns, frame))
