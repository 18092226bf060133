"""Looking up a session or a key: one at a time, by what the visitor showed. And the list of keys, for the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    import psycopg

    from geo_service.db.engine import ReadConnection


async def find_sleutel(connection: ReadConnection, sleutel_id: str) -> dict[str, Any] | None:
    """A key that is neither revoked nor expired: its hash, role, area and end."""
    found = await fetch(connection, "select * from intern.zoek_sleutel(%(id)s)", {"id": sleutel_id})
    return found[0] if found else None


def list_sleutels(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every key ever made, newest first, without its hash."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select sleutel_id, naam, rol, gemeente_code, stadsdelen, gemaakt_op, eindigt_op, ingetrokken_op, gebruikt_op, "
            "eindigt_op <= now() as verlopen from intern.api_sleutel order by gemaakt_op desc, sleutel_id"
        ).fetchall()


def list_sessies(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """The log-ins that are still good, newest first, without what opens them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select nummer, kijker, rol, stadsdelen, begonnen_op, gebruikt_op, intern.sessie_tot(s) as tot "
            "from intern.sessie s where intern.sessie_tot(s) > now() order by nummer desc"
        ).fetchall()
