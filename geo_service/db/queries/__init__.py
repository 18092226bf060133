"""One function per question, bound parameters only. Each takes an open connection and returns plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection


async def fetch(connection: ReadConnection, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run a statement with ``%(name)s`` parameters and return its rows as dictionaries."""
    return await connection.fetch(statement, values)
