"""Corrections of places. Role ``bs_werk``: row security decides which gemeente the viewer may write about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
_CORRECTIE = """nummer, gemeente_code, laag, bron, sleutel, veld, oud, waarde, reden, rol, gecorrigeerd_op, ingetrokken_op,
    medewerker = intern.eigen_medewerker() as eigen"""
_PLEK = "gemeente_code = %(gemeente)s and laag = %(laag)s and bron = %(bron)s and sleutel = %(sleutel)s"


async def list_correcties(connection: ReadConnection, limit: int) -> list[Row]:
    """The newest corrections that the viewer may see, those that hold first."""
    return await fetch(
        connection,
        f"select {_CORRECTIE} from intern.correctie order by ingetrokken_op is not null, gecorrigeerd_op desc, nummer desc "
        "limit %(limit)s",
        {"limit": limit},
    )


async def of_place(connection: ReadConnection, plek: Row) -> list[Row]:
    """All corrections of a place (gemeente, laag, bron, sleutel), newest first."""
    return await fetch(
        connection,
        f"select {_CORRECTIE} from intern.correctie where {_PLEK} order by gecorrigeerd_op desc, nummer desc",
        plek,
    )


async def add_correctie(connection: ReadConnection, plek: Row, values: Row) -> int:
    """Write a correction (veld, oud, waarde, reden, medewerker, rol) in the place of the one that held; its number."""
    found = await fetch(
        connection,
        f"""
        with vorige as (
            update intern.correctie set ingetrokken_op = now(), ingetrokken_door = %(medewerker)s
            where {_PLEK} and veld = %(veld)s and ingetrokken_op is null returning nummer
        )
        insert into intern.correctie (gemeente_code, laag, bron, sleutel, veld, oud, waarde, reden, medewerker, rol)
        select %(gemeente)s, %(laag)s, %(bron)s, %(sleutel)s, %(veld)s, %(oud)s, %(waarde)s, %(reden)s, %(medewerker)s, %(rol)s
        from (select count(*) from vorige) as eerst
        returning nummer
        """,
        plek | values,
    )
    return int(found[0]["nummer"])


async def withdraw(connection: ReadConnection, nummer: int) -> bool:
    """Withdraw a correction that holds; False when there is none that the viewer may withdraw."""
    found = await fetch(
        connection,
        "update intern.correctie set ingetrokken_op = now(), ingetrokken_door = intern.eigen_medewerker() "
        "where nummer = %(nummer)s and ingetrokken_op is null returning nummer",
        {"nummer": nummer},
    )
    return bool(found)
