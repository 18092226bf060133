"""One event loop and one connection per role, kept for all questions that the tests ask about one database.

A connection costs some eighty milliseconds: a backend, with PostGIS and the plans of every first question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from geo_service.db.engine import Database

T = TypeVar("T")


class Pool:
    """The database that was asked last; asking about another one closes it."""

    def __init__(self) -> None:
        self._url = ""
        self._runner: asyncio.Runner | None = None
        self._database: Database | None = None

    def ask(self, url: str, question: Callable[[Database], Awaitable[T]]) -> T:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._ask(url, question))

    def close(self) -> None:
        """Give everything up; asking again starts anew."""
        if self._runner is not None:
            self._runner.run(self._close_database())
            self._runner.close()
            self._runner = None

    async def _ask(self, url: str, question: Callable[[Database], Awaitable[T]]) -> T:
        if self._database is None or self._url != url:
            await self._close_database()
            self._url, self._database = url, Database(url, pool_size=1)
        return await question(self._database)

    async def _close_database(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            await database.close()


_pool = Pool()


def ask_database(url: str, question: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """The answer to ``question(database)``."""
    return _pool.ask(url, question)


def close_pool() -> None:
    _pool.close()
