"""Connections: one privileged for migrations and loading, and pools that log in as roles with few rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from geo_service.db.cluster import locate_cluster
from geo_service.errors import Unavailable
from geo_service.settings import Settings, get_settings

GONE = "De database is nu niet bereikbaar. Probeer het over een minuut opnieuw; er is niets verloren."


class Role(StrEnum):
    """Database roles that requests run as; neither owns a table or bypasses row security."""

    PUBLIEK = "bs_publiek"
    DIENST = "bs_dienst"


def database_url(settings: Settings | None = None) -> str:
    """The privileged URL: the setting, else the private cluster's, which is started when it is not running."""
    settings = settings or get_settings()
    if settings.database_url:
        return plain_url(settings.database_url)
    cluster = locate_cluster()
    if not cluster.running:
        cluster.start()
    return cluster.url


def plain_url(url: str) -> str:
    """A libpq URL, whatever driver prefix the user put before ``://``."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}" if separator else url


def role_conninfo(url: str, role: Role, settings: Settings | None = None) -> str:
    """The connection string of a request role on the same database."""
    settings = settings or get_settings()
    changes: dict[str, Any] = {"user": role.value, "application_name": "buurtsignaal"}
    if settings.rol_wachtwoord is not None:
        changes["password"] = settings.rol_wachtwoord.get_secret_value()
    else:
        changes["password"] = conninfo_to_dict(url).get("password") or None
    return make_conninfo(url, **{name: value for name, value in changes.items() if value is not None})


@contextmanager
def privileged_connection(url: str | None = None, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A synchronous connection with the owner's rights, for migrations, loading and jobs; Unavailable when it fails."""
    try:
        connection = psycopg.connect(url or database_url(), autocommit=autocommit, application_name="buurtsignaal")
    except psycopg.OperationalError as error:
        raise Unavailable(GONE) from error
    with connection:
        yield connection


class Database:
    """The two pools of the running service."""

    def __init__(self, url: str, *, pool_size: int = 5):
        self._engines = {role: _make_engine(role_conninfo(url, role), pool_size) for role in Role}

    @asynccontextmanager
    async def connect(self, role: Role) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction of a request role; Unavailable (503) when the database is gone or too slow."""
        try:
            async with self._engines[role].connect() as connection:
                await connection.execute(text("set transaction read only"))
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError) as error:
            raise Unavailable(GONE) from error
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
                raise Unavailable(GONE) from error
            raise

    async def close(self) -> None:
        await asyncio.gather(*(engine.dispose() for engine in self._engines.values()))


def _make_engine(conninfo: str, pool_size: int) -> AsyncEngine:
    milliseconds = get_settings().vraag_seconden * 1000

    async def connect() -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            conninfo,
            connect_timeout=5,
            options=f"-c statement_timeout={milliseconds} -c timezone=Europe/Amsterdam",
        )

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
    )
