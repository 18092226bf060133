"""Notes, saved views and last visits. Role ``bs_werk``: row security decides which rows are the viewer's."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
_NOTITIE = """nummer, gemeente_code, gebied_code, bron, periode, oordeel, tekst, rol, geschreven_op, gewijzigd_op,
    medewerker = intern.eigen_medewerker() as eigen"""


async def list_notities(connection: ReadConnection, gemeente: str, gebied: str) -> list[Row]:
    """The notes about one area, newest first."""
    return await fetch(
        connection,
        f"select {_NOTITIE} from intern.notitie where gemeente_code = %(gemeente)s and gebied_code = %(gebied)s "
        "order by geschreven_op desc, nummer desc",
        {"gemeente": gemeente, "gebied": gebied},
    )


async def count_notities(connection: ReadConnection, gemeente: str) -> dict[str, int]:
    """How many notes each area has, of those that the viewer sees."""
    found = await fetch(
        connection,
        "select gebied_code, count(*)::int as aantal from intern.notitie where gemeente_code = %(gemeente)s group by 1",
        {"gemeente": gemeente},
    )
    return {row["gebied_code"]: row["aantal"] for row in found}


async def list_recent(connection: ReadConnection, gemeente: str, since: datetime) -> list[Row]:
    """The notes of colleagues since a moment, newest first."""
    return await fetch(
        connection,
        f"select {_NOTITIE} from intern.notitie where gemeente_code = %(gemeente)s and geschreven_op > %(sinds)s "
        "and medewerker <> intern.eigen_medewerker() order by geschreven_op desc, nummer desc",
        {"gemeente": gemeente, "sinds": since},
    )


async def find_notitie(connection: ReadConnection, nummer: int) -> Row | None:
    found = await fetch(
        connection, f"select {_NOTITIE} from intern.notitie where nummer = %(nummer)s", {"nummer": nummer}
    )
    return found[0] if found else None


async def add_notitie(connection: ReadConnection, values: Row) -> int:
    """Write a note (gemeente, gebied, bron, periode, oordeel, tekst, medewerker, rol); its number."""
    found = await fetch(
        connection,
        "insert into intern.notitie (gemeente_code, gebied_code, bron, periode, oordeel, tekst, medewerker, rol) values "
        "(%(gemeente)s, %(gebied)s, %(bron)s, %(periode)s, %(oordeel)s, %(tekst)s, %(medewerker)s, %(rol)s) "
        "returning nummer",
        values,
    )
    return int(found[0]["nummer"])


async def change_notitie(connection: ReadConnection, nummer: int, oordeel: str, tekst: str) -> bool:
    """Change a note of one's own; whether there was one."""
    found = await fetch(
        connection,
        "update intern.notitie set oordeel = %(oordeel)s, tekst = %(tekst)s, gewijzigd_op = now() "
        "where nummer = %(nummer)s returning nummer",
        {"nummer": nummer, "oordeel": oordeel, "tekst": tekst},
    )
    return bool(found)


async def remove_notitie(connection: ReadConnection, nummer: int) -> bool:
    """Remove a note of one's own; whether there was one."""
    found = await fetch(
        connection, "delete from intern.notitie where nummer = %(nummer)s returning nummer", {"nummer": nummer}
    )
    return bool(found)


async def list_weergaven(connection: ReadConnection) -> list[Row]:
    """The viewer's saved views by name: nummer, naam, adres."""
    return await fetch(connection, "select nummer, naam, adres from intern.weergave order by lower(naam), nummer", {})


async def add_weergave(connection: ReadConnection, values: Row, most: int) -> bool:
    """Save a view (medewerker, naam, adres), in the place of one of the same name; False when there are too many."""
    found = await fetch(
        connection,
        "insert into intern.weergave as w (medewerker, naam, adres) select %(medewerker)s, %(naam)s, %(adres)s "
        "where (select count(*) from intern.weergave where naam <> %(naam)s) < %(most)s "
        "on conflict (medewerker, naam) do update set adres = excluded.adres, bewaard_op = now() returning w.nummer",
        {**values, "most": most},
    )
    return bool(found)


async def remove_weergave(connection: ReadConnection, nummer: int) -> bool:
    found = await fetch(
        connection, "delete from intern.weergave where nummer = %(nummer)s returning nummer", {"nummer": nummer}
    )
    return bool(found)


async def note_bezoek(connection: ReadConnection, medewerker: str, stand: dict[str, str], stil: int) -> Row:
    """Note that the viewer is here and which last period each source has; when they were before (vorige_op) and what
    it was then (vorige), None the first time. A visit goes on until nothing was asked for ``stil`` seconds.
    """
    found = await fetch(
        connection,
        """
        insert into intern.laatste_bezoek as b (medewerker, gezien_op, gezien) values (%(medewerker)s, now(), %(stand)s)
        on conflict (medewerker) do update set gezien_op = now(), gezien = excluded.gezien,
            vorige_op = case when b.gezien_op < now() - make_interval(secs => %(stil)s)
                then b.gezien_op else b.vorige_op end,
            vorige = case when b.gezien_op < now() - make_interval(secs => %(stil)s) then b.gezien else b.vorige end
        returning vorige_op, vorige
        """,
        {"medewerker": medewerker, "stand": json.dumps(stand), "stil": stil},
    )
    return found[0]
