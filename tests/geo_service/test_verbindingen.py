"""Connections of the running service: what is asked for at a busy moment is given back when it is over."""

from __future__ import annotations

import asyncio
import logging

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from tests.geo_service.support import value

BUSY = 4
OURS = "select count(*) from pg_stat_activity where datname = current_database() and usename = 'bs_publiek'"


def test_more_at_once_than_the_pool_keeps_are_closed_and_nothing_is_said_of_it(url: str, caplog):
    caplog.set_level(logging.WARNING)

    async def one(database: Database, together: asyncio.Barrier) -> int:
        async with database.connect(Role.PUBLIEK) as connection:
            await together.wait()
            ((answer,),) = await connection.fetch_tuples("select 1", {})
            return answer

    async def everyone() -> tuple[list[int], int]:
        database = Database(url, pool_size=BUSY // 2)
        try:
            together = asyncio.Barrier(BUSY)
            answers = await asyncio.gather(*(one(database, together) for _ in range(BUSY)))
            return answers, await asyncio.to_thread(value, url, OURS)
        finally:
            await database.close()

    answers, kept = asyncio.run(everyone())
    assert answers == [1] * BUSY
    assert kept == BUSY // 2
    assert caplog.records == []
