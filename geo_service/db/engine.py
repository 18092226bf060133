"""The pools of the running service; each logs in as a role with few rights."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow, dict_row, tuple_row
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from geo_service.db.connection import GONE, WRITERS, Role, role_conninfo
from geo_service.errors import Unavailable
from geo_service.settings import get_settings

T = TypeVar("T")
Driver = psycopg.AsyncConnection[Any]
Question = tuple[str, Mapping[str, Any]]
"""A statement with ``%(name)s`` parameters, and their values."""
SET_LOCAL = b"select set_config(key, value, true) from json_each_text(%(settings)s::json)"
READ_ONLY = {"transaction_read_only": "on"}


class ReadConnection:
    """What a request reads with: each statement runs in a transaction of its own, in the viewer's scope.

    The settings of the scope and the statement go to the database together and come back together; a transaction that is
    opened and closed by itself costs as much as half a page of a thousand features.
    """

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection, settings: Mapping[str, str]):
        self._engine = engine
        self._pooled: PoolProxiedConnection | None = pooled
        self._scope = settings
        self._alive = False

    @property
    def _driver(self) -> Driver:
        if self._pooled is None:
            raise psycopg.InterfaceError("the connection was given up")
        driver: Driver = self._pooled.driver_connection  # type: ignore[assignment]
        return driver

    @property
    def in_use(self) -> bool:
        """Whether this still holds a connection of the pool."""
        return self._pooled is not None

    async def fetch(self, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a statement with ``%(name)s`` parameters, as dictionaries."""
        (rows,) = await self._rows([(statement, values)], binary=False, row_factory=dict_row)
        return rows

    async def fetch_together(self, *questions: Question) -> list[list[dict[str, Any]]]:
        """The rows of each statement, asked in one journey to the database and answered from one transaction."""
        return await self._rows(questions, binary=False, row_factory=dict_row)

    async def fetch_tuples(
        self, statement: str, values: Mapping[str, Any], *, plan_once: bool = False
    ) -> list[TupleRow]:
        """As ``fetch``, in the driver's binary format and as tuples: for many rows.

        plan_once: one plan serves for all values, because they are all as selective.
        """
        (rows,) = await self._rows([(statement, values)], plan_once=plan_once, binary=True, row_factory=tuple_row)
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Driver]:
        """The driver in one transaction with the same settings, for what needs more than one statement.

        What was not committed in it is taken back.
        """

        async def begin(driver: Driver) -> None:
            await driver.execute(b"begin")
            await driver.execute(SET_LOCAL, self._settings())

        await self._ask(begin)
        try:
            yield self._driver
        finally:
            if not self._driver.closed:
                await self._driver.rollback()

    async def invalidate(self) -> None:
        """Give the connection up: whoever comes next gets another one."""
        if self._pooled is not None:
            driver, pooled = self._driver, self._pooled
            self._pooled = None
            pooled.detach()
            await driver.close()

    async def give_back(self) -> None:
        """To the pool, unless something is still going on: then nobody should have it."""
        if self._pooled is not None and self._driver.info.transaction_status != TransactionStatus.IDLE:
            await self.invalidate()
        if self._pooled is not None:
            pooled, self._pooled = self._pooled, None
            # A pool that is full closes the connection, and that is asked of the database.
            await greenlet_spawn(pooled.close)

    def _settings(self, **more: str) -> dict[str, str]:
        return {"settings": json.dumps({**self._scope, **more})}

    async def _rows(self, questions: Sequence[Question], plan_once: bool = False, **options: Any) -> list[list[Any]]:
        local = self._settings(**({"plan_cache_mode": "force_generic_plan"} if plan_once else {}))

        async def ask(driver: Driver) -> list[list[Any]]:
            cursors = [driver.cursor(**options) for _ in questions]
            async with driver.pipeline():
                await driver.execute(SET_LOCAL, local)
                for cursor, (statement, values) in zip(cursors, questions, strict=True):
                    await cursor.execute(statement.encode(), values)
            return [await cursor.fetchall() for cursor in cursors]

        return await self._ask(ask)

    async def _ask(self, question: Callable[[Driver], Awaitable[T]]) -> T:
        try:
            answer = await question(self._driver)
        except psycopg.OperationalError:
            # A pooled connection may have died while nobody used it; then all of them did.
            if self._alive or not self._driver.closed:
                raise
            await self.invalidate()
            await self._engine.dispose()
            self._pooled = await self._engine.raw_connection()
            answer = await question(self._driver)
        self._alive = True
        return answer


class Database:
    """The pools of the running service, one per request role."""

    def __init__(self, url: str, *, pool_size: int = 5):
        self._engines = {role: _make_engine(url, role, pool_size) for role in Role}

    @asynccontextmanager
    async def connect(
        self, role: Role, scope: Mapping[str, str] | None = None, *, seconds: int | None = None
    ) -> AsyncIterator[ReadConnection]:
        """Read as a request role (WRITERS may write too); Unavailable (503) when the database is gone or too slow.

        scope: settings that row-level security reads; they end with each statement. seconds: longest statement, when it
        may take longer than the usual.
        """
        settings = {**({} if role in WRITERS else READ_ONLY), **(scope or {})}
        if seconds is not None:
            settings["statement_timeout"] = f"{seconds}s"
        engine = self._engines[role]
        try:
            connection = ReadConnection(engine, await engine.raw_connection(), settings)
            try:
                yield connection
            finally:
                await connection.give_back()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError) as error:
            raise Unavailable(GONE) from error
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
                raise Unavailable(GONE) from error
            raise

    async def close(self) -> None:
        await asyncio.gather(*(engine.dispose() for engine in self._engines.values()))


def _make_engine(url: str, role: Role, pool_size: int) -> AsyncEngine:
    conninfo = role_conninfo(url, role)
    milliseconds = get_settings().vraag_seconden * 1000
    # A database that is read-only for everyone else still keeps its sessions and its log.
    writes = " -c default_transaction_read_only=off" if role in WRITERS else ""

    async def connect() -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            conninfo,
            autocommit=True,
            connect_timeout=5,
            # A plan for the very values: the size of a box decides between a walk along the ids and the spatial index.
            # Compiling a query or starting helpers for it takes longer than any page.
            options=f"-c statement_timeout={milliseconds} -c timezone=Europe/Amsterdam -c jit=off "
            "-c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_custom_plan" + writes,
        )

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        # The connection used last has its plans and caches at hand.
        pool_use_lifo=True,
        # Nothing is ever left open: a statement is a transaction of its own.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
