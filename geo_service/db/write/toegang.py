"""Sessions and keys: opened, used, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.identity import Viewer

if TYPE_CHECKING:
    import psycopg

    from geo_service.db.engine import ReadConnection

# The scope of a connection as bs_toegang that may call a function that writes.
WRITING = {"transaction_read_only": "off"}


@dataclass(frozen=True)
class NieuweSleutel:
    """A key as it is stored: its public number, a hash of the rest, and what it may."""

    sleutel_id: str
    sleutel_hash: bytes
    naam: str
    viewer: Viewer
    eindigt_op: datetime


async def open_sessie(connection: ReadConnection, sessie_hash: bytes, viewer: Viewer, *, duur: int, stil: int) -> None:
    """Start a session of at most duur seconds, and of stil seconds after its last use; dead ones are removed."""
    values = {
        "hash": sessie_hash, "kijker": viewer.id, "rol": viewer.role.value, "gemeente": viewer.gemeente,
        "stadsdelen": sorted(viewer.stadsdelen), "duur": duur, "stil": stil,
    }  # fmt: skip
    await fetch(
        connection,
        "select intern.open_sessie(%(hash)s, %(kijker)s, %(rol)s, %(gemeente)s, %(stadsdelen)s, %(duur)s, %(stil)s)",
        values,
    )


async def use_sessie(connection: ReadConnection, sessie_hash: bytes) -> dict[str, Any] | None:
    """The session when it is alive, which its use keeps it."""
    found = await fetch(connection, "select * from intern.zoek_sessie(%(hash)s)", {"hash": sessie_hash})
    return found[0] if found else None


async def close_sessie(connection: ReadConnection, sessie_hash: bytes) -> None:
    await fetch(connection, "select intern.sluit_sessie(%(hash)s)", {"hash": sessie_hash})


async def note_sleutel(connection: ReadConnection, sleutel_id: str) -> None:
    """Note that a key was used today."""
    await fetch(connection, "select intern.noteer_sleutel(%(id)s)", {"id": sleutel_id})


def insert_sleutel(connection: psycopg.Connection, sleutel: NieuweSleutel) -> None:
    connection.execute(
        "insert into intern.api_sleutel (sleutel_id, sleutel_hash, naam, rol, gemeente_code, stadsdelen, eindigt_op) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (
            sleutel.sleutel_id, sleutel.sleutel_hash, sleutel.naam, sleutel.viewer.role.value, sleutel.viewer.gemeente,
            sorted(sleutel.viewer.stadsdelen), sleutel.eindigt_op,
        ),
    )  # fmt: skip


def revoke_sleutel(connection: psycopg.Connection, sleutel_id: str) -> bool:
    """End a key for good; False when there is none of that number that still works."""
    done = connection.execute(
        "update intern.api_sleutel set ingetrokken_op = now() where sleutel_id = %s and ingetrokken_op is null",
        (sleutel_id,),
    )
    return done.rowcount == 1


def end_sessies(connection: psycopg.Connection, nummer: int | None) -> int:
    """End one session, or all of them; how many ended."""
    done = connection.execute(
        "delete from intern.sessie where %(nummer)s::bigint is null or nummer = %(nummer)s", {"nummer": nummer}
    )
    return done.rowcount
