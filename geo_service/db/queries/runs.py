"""Which analyses were made: all of them for staff, those of released periods for everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection


# Per schema: the table of results, and which of its rows (h) hold now for whom it is.
RESULTATEN = {
    "publiek": (
        "publiek.hotspot",
        "exists (select from publiek.vrijgave v where v.gemeente_code = h.gemeente_code and v.bron = h.bron "
        "and v.periode = h.periode)",
    ),
    "intern": (
        "intern.hotspot",
        "exists (select from intern.hotspot_run r where r.run_id = h.run_id and r.vervangen_op is null)",
    ),
}


async def list_runs(
    connection: ReadConnection, gemeente: str, bron: str, periode: str, *, intern: bool
) -> dict[str, dict[str | None, str]]:
    """By method that was computed for a source and period: why there is no result, per class (None: for all of them)."""
    rows = await fetch(
        connection,
        f"""
        select methode, reden, reden_per_klasse from {"intern" if intern else "publiek"}.berekening
        where gemeente_code = %(gemeente)s and bron = %(bron)s and periode = %(periode)s
        """,
        {"gemeente": gemeente, "bron": bron, "periode": periode},
    )
    return {row["methode"]: row["reden_per_klasse"] | ({None: row["reden"]} if row["reden"] else {}) for row in rows}
