"""Which analyses were made; their rows are readable for staff only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection


async def list_runs(connection: ReadConnection, gemeente: str, bron: str, periode: str) -> dict[str, Any]:
    """What each current run of a source and period kept, by method."""
    rows = await fetch(
        connection,
        """
        select methode, resultaat from intern.hotspot_run
        where gemeente_code = %(gemeente)s and bron = %(bron)s and periode = %(periode)s and vervangen_op is null
        """,
        {"gemeente": gemeente, "bron": bron, "periode": periode},
    )
    return {row["methode"]: row["resultaat"] for row in rows}
