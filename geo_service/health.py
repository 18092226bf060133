"""``/gezond``: whether the service and its database answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.web import get_database

router = APIRouter()


@router.get("/gezond", name="gezond")
async def gezond(database: Annotated[Database, Depends(get_database)]) -> dict[str, Any]:
    """503 with a Dutch problem when the database is away; the service recovers by itself."""
    async with database.connect(Role.PUBLIEK) as connection:
        await connection.fetch("select 1", {})
        return {"status": "gezond"}
