"""Which version of the data the database holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection


async def read_stand(connection: ReadConnection) -> tuple[str, str]:
    """A text that differs after every transaction that changed a table, in whatever order they ended, and the moment."""
    rows = await fetch(
        connection,
        "select count(*) || '.' || coalesce(sum(transactie), 0) as stand, to_char(coalesce(max(moment), to_timestamp(0)) "
        "at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as moment from publiek.wijziging",
        {},
    )
    return f"{rows[0]['stand']}.{rows[0]['moment']}", rows[0]["moment"]
