"""How rows become bytes: the next batches are fetched while a thread works on the present one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from geo_service.formats.tabel import Batches, Rij

_AHEAD = 2

ReadAhead = AsyncIterator[Sequence[Rij]]


class Encoder(Protocol):
    """Turns a table into bytes piece by piece; each method may run in another thread, never two at once."""

    def begin(self) -> bytes:
        """What comes before the first row."""

    def add(self, rows: Sequence[Rij]) -> bytes:
        """The bytes that these rows made ready, possibly none yet."""

    def finish(self) -> bytes:
        """What comes after the last row."""


async def stream_encoded(encoder: Encoder, batches: Batches) -> AsyncIterator[bytes]:
    """The file as the encoder makes it, with nothing larger than a few batches in memory."""
    async with read_ahead(batches) as rows_ahead:
        if data := await asyncio.to_thread(encoder.begin):
            yield data
        async for rows in rows_ahead:
            if data := await asyncio.to_thread(encoder.add, rows):
                yield data
        if data := await asyncio.to_thread(encoder.finish):
            yield data


@asynccontextmanager
async def read_ahead(batches: Batches) -> AsyncIterator[ReadAhead]:
    """The same batches, fetched at most two ahead; the source is closed at the end, also when that comes early."""
    queue: asyncio.Queue[Sequence[Rij] | BaseException | None] = asyncio.Queue(_AHEAD)
    task = asyncio.create_task(_fill(queue, batches))
    try:
        yield _drain(queue)
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _fill(queue: asyncio.Queue[Any], batches: Batches) -> None:
    try:
        async for rows in batches:
            await queue.put(rows)
    except Exception as error:  # noqa: BLE001 - raised again where the rows are wanted
        await queue.put(error)
    else:
        await queue.put(None)
    finally:
        # A generator holds a cursor that must not wait for the garbage collector; other iterators hold nothing.
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()


async def _drain(queue: asyncio.Queue[Any]) -> ReadAhead:
    while (found := await queue.get()) is not None:
        if isinstance(found, Exception):
            raise found
        yield found
