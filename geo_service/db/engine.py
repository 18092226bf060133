"""The pools of the running service; each logs in as a role with few rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from geo_service.db.connection import GONE, Role, role_conninfo
from geo_service.errors import Unavailable
from geo_service.settings import get_settings

# All in one round trip, and the proof that the connection is alive.
SET_LOCAL = b"""select set_config(s.name, s.setting, true)
    from unnest(%(names)s::text[], %(settings)s::text[]) as s (name, setting)"""


class Database:
    """The two pools of the running service."""

    def __init__(self, url: str, *, pool_size: int = 5):
        self._engines = {role: _make_engine(role_conninfo(url, role), pool_size) for role in Role}

    @asynccontextmanager
    async def connect(
        self, role: Role, scope: Mapping[str, str] | None = None, *, seconds: int | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction of a request role; Unavailable (503) when the database is gone or too slow.

        scope: settings that row-level security reads; they end with the transaction. seconds: longest statement,
        when it may take longer than the usual.
        """
        values = {"transaction_read_only": "on", **(scope or {})}
        if seconds is not None:
            values["statement_timeout"] = f"{seconds}s"
        try:
            async with AsyncExitStack() as stack:
                yield await self._begin(stack, role, values)
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError) as error:
            raise Unavailable(GONE) from error
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
                raise Unavailable(GONE) from error
            raise

    async def _begin(self, stack: AsyncExitStack, role: Role, values: Mapping[str, str]) -> AsyncConnection:
        """A transaction with its settings. A pooled connection may have died while nobody used it: then a new one."""
        settings = {"names": list(values), "settings": list(values.values())}
        for last in (False, True):
            connection = await stack.enter_async_context(self._engines[role].connect())
            raw = await connection.get_raw_connection()
            driver: psycopg.AsyncConnection = raw.driver_connection  # type: ignore[assignment]
            try:
                await driver.execute(SET_LOCAL, settings)
            except psycopg.OperationalError:
                if last or not driver.closed:
                    raise
                await connection.invalidate()
                await self._engines[role].dispose()
            else:
                break
        return connection

    async def close(self) -> None:
        await asyncio.gather(*(engine.dispose() for engine in self._engines.values()))


def _make_engine(conninfo: str, pool_size: int) -> AsyncEngine:
    milliseconds = get_settings().vraag_seconden * 1000

    async def connect() -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            conninfo,
            connect_timeout=5,
            # A plan for the very values: the size of a box decides between a walk along the ids and the spatial index.
            # Compiling a query or starting helpers for it takes longer than any page.
            options=f"-c statement_timeout={milliseconds} -c timezone=Europe/Amsterdam -c jit=off "
            "-c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_custom_plan",
        )

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        # The connection used last has its plans and caches at hand.
        pool_use_lifo=True,
        hide_parameters=True,
    )
