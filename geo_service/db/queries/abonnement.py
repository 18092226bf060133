"""Subscriptions to the mail of Monday morning. Role ``bs_werk``: row security decides which row is the visitor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def find_abonnement(connection: ReadConnection, medewerker: str) -> Row | None:
    """The subscription of a member of staff: nummer, adres, aangevraagd_op, bevestigd_op, and whether it was asked so
    recently (net) that another mail may not go out yet."""
    found = await fetch(
        connection,
        "select nummer, adres, aangevraagd_op, bevestigd_op, aangevraagd_op > now() - interval '2 minutes' as net "
        "from intern.abonnement where medewerker = %(medewerker)s",
        {"medewerker": medewerker},
    )
    return found[0] if found else None


async def replace_abonnement(connection: ReadConnection, values: Row) -> int:
    """Ask for a subscription (gemeente, stadsdelen, medewerker, adres), in the place of a former one; its number."""
    await remove_of(connection, values["medewerker"])
    found = await fetch(
        connection,
        "insert into intern.abonnement (gemeente_code, stadsdelen, medewerker, adres) "
        "values (%(gemeente)s, %(stadsdelen)s, %(medewerker)s, %(adres)s) returning nummer",
        values,
    )
    return int(found[0]["nummer"])


async def remove_of(connection: ReadConnection, medewerker: str) -> bool:
    found = await fetch(
        connection,
        "delete from intern.abonnement where medewerker = %(medewerker)s returning nummer",
        {"medewerker": medewerker},
    )
    return bool(found)


async def confirm(connection: ReadConnection, nummer: int) -> bool:
    """Confirm a subscription; confirming twice is no other thing. Whether there is one."""
    found = await fetch(
        connection,
        "update intern.abonnement set bevestigd_op = coalesce(bevestigd_op, now()) where nummer = %(nummer)s "
        "returning nummer",
        {"nummer": nummer},
    )
    return bool(found)


async def remove(connection: ReadConnection, nummer: int) -> bool:
    found = await fetch(
        connection, "delete from intern.abonnement where nummer = %(nummer)s returning nummer", {"nummer": nummer}
    )
    return bool(found)
