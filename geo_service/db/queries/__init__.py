"""One function per question, bound parameters only. Each takes an open connection and returns plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def fetch(connection: AsyncConnection, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run a statement with ``%(name)s`` parameters and return its rows as dictionaries."""
    result = await connection.exec_driver_sql(statement, dict(values))
    return [dict(row) for row in result.mappings()]
