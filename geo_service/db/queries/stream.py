"""Rows of any size from a statement, a batch at a time, as cheaply as the wire gives them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import TupleRow, tuple_row
from psycopg.types.numeric import Int4BinaryLoader, Int8BinaryLoader


async def stream_rows(
    connection: psycopg.AsyncConnection[Any], statement: str, values: Mapping[str, Any], *, size: int = 5_000
) -> AsyncGenerator[Sequence[TupleRow], None]:
    """Batches of at most `size` rows from a server-side cursor; the connection must be in a transaction.

    A timestamptz comes as microseconds since 2000-01-01 00:00 UTC and a date as days since 2000-01-01, both int: what is
    on the wire. A datetime object in the time zone of the connection costs more than all other columns together.
    Decoding 5 000 rows holds the event loop about 10 ms. A numeric column must be cast to float8 in the statement.
    """
    async with connection.cursor("stroom", binary=True, row_factory=tuple_row) as cursor:
        cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
        cursor.adapters.register_loader("date", Int4BinaryLoader)
        await cursor.execute(statement.encode(), values)
        while rows := await cursor.fetchmany(size):
            yield rows
