"""The log as requests know it: adding lines through a function of the owner, and emergency access. Role ``bs_toegang``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
Seal = Callable[[date, int, bytes], tuple[bytes, str]]

APPEND = b"select dag, nummer, hash from intern.noteer(%(regels)s::jsonb)"
SEAL = b"select intern.verzegel(%(dag)s, %(nummer)s, %(hash)s, %(handtekening)s, %(sleutel)s)"


def append_values(regels: Sequence[dict[str, str]]) -> dict[str, str]:
    return {"regels": orjson.dumps(list(regels)).decode()}


def seal_values(row: Sequence[Any], seal: Seal) -> dict[str, Any]:
    """The parameters of SEAL for the last line (dag, nummer, hash), signed by ``seal``."""
    dag, nummer, hash_ = row
    handtekening, sleutel = seal(dag, nummer, hash_)
    return {"dag": dag, "nummer": nummer, "hash": hash_, "handtekening": handtekening, "sleutel": sleutel}


async def append(connection: ReadConnection, regels: Sequence[dict[str, str]], seal: Seal) -> None:
    """Add lines and seal the last one: both are there, or neither."""
    async with connection.transaction() as driver:
        cursor = await driver.execute(APPEND, append_values(regels))
        row = await cursor.fetchone()
        await driver.execute(SEAL, seal_values(row or (), seal))
        await driver.execute(b"commit")


async def list_overzicht(connection: ReadConnection, sinds: date) -> list[Row]:
    """How often what was done per day: dag, rol, handeling, uitkomst, aantal."""
    return await fetch(
        connection,
        "select * from intern.logboek_overzicht(%(sinds)s) order by dag desc, rol, handeling, uitkomst",
        {"sinds": sinds},
    )


async def list_noodtoegang(connection: ReadConnection, sinds: datetime) -> list[Row]:
    """Emergency accesses that began since then, newest first, with how often each was used."""
    return await fetch(
        connection,
        """
        select n.id, n.gemeente_code, n.stadsdeel_code, n.actor, n.rol, n.reden, n.van, n.tot, n.beeindigd_op,
            n.beeindigd_door, n.tot > now() and n.beeindigd_op is null as actief, coalesce(g.aantal, 0) as gebruikt
        from intern.noodtoegang n left join intern.noodtoegang_gebruik(%(sinds)s) g using (id)
        where n.van >= %(sinds)s order by n.van desc, n.id desc
        """,
        {"sinds": sinds},
    )


async def list_actief(connection: ReadConnection) -> list[Row]:
    """The emergency accesses that hold now."""
    return await fetch(
        connection,
        "select id, gemeente_code, stadsdeel_code, actor, reden, tot from intern.noodtoegang "
        "where tot > now() and beeindigd_op is null order by id",
        {},
    )


async def add_noodtoegang(connection: ReadConnection, values: Row) -> int:
    """Write an emergency access down (gemeente, stadsdeel, actor, rol, reden, uren); its number."""
    rows = await fetch(
        connection,
        "insert into intern.noodtoegang (gemeente_code, stadsdeel_code, actor, rol, reden, tot) values (%(gemeente)s, "
        "%(stadsdeel)s, %(actor)s, %(rol)s, %(reden)s, now() + make_interval(hours => %(uren)s)) returning id",
        values,
    )
    return int(rows[0]["id"])


async def end_noodtoegang(connection: ReadConnection, nummer: int, door: str, van: str | None) -> bool:
    """End an emergency access that holds; whether there was one. van: only when it is of this actor."""
    rows = await fetch(
        connection,
        "update intern.noodtoegang set beeindigd_op = now(), beeindigd_door = %(door)s where id = %(id)s "
        "and beeindigd_op is null and tot > now() and (%(van)s::text is null or actor = %(van)s) returning id",
        {"id": nummer, "door": door, "van": van},
    )
    return bool(rows)
