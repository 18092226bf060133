"""Emergency access: another stadsdeel of the own gemeente, for a reason, for some hours, seen by the beheerder."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.db.queries import logboek as queries
from geo_service.domain.noodtoegang import Noodtoegang
from geo_service.errors import Faults, NotFound
from geo_service.identity import ALL_STADSDELEN, Viewer
from geo_service.settings import get_settings
from geo_service.spoor.gebeurtenis import actor_of

# As long as another process may not know yet that an access began or ended.
SECONDS = 1.0
REDEN_LENGTE = (10, 500)
MET_REDEN = "Schrijf in 10 tot 500 tekens waarom u toegang nodig heeft."


class Noodtoegangen:
    """Those that hold now, looked up once a second at most."""

    def __init__(self, database: Database):
        self._database = database
        self._held: list[Noodtoegang] = []
        self._looked = float("-inf")

    async def of(self, viewer: Viewer) -> tuple[Noodtoegang, ...]:
        """The emergency accesses of a viewer."""
        if not viewer.scoped:
            return ()
        if time.monotonic() - self._looked >= SECONDS:
            async with self._database.connect(Role.TOEGANG) as connection:
                found = await queries.list_actief(connection)
            self._held = [Noodtoegang(**row) for row in found]
            self._looked = time.monotonic()
        return tuple(access for access in self._held if _holds(access, viewer))

    async def ask(self, viewer: Viewer, stadsdeel: str, reden: str, known: set[str]) -> int:
        """Give a viewer access to a stadsdeel of the own gemeente; its number. known: the stadsdelen of that gemeente.

        InvalidParameters names everything that is wrong at once; NotFound for a role that has no area of its own.
        """
        require_asking(viewer)
        faults = Faults()
        reden = " ".join(reden.split())
        if stadsdeel not in known - viewer.stadsdelen:
            faults.add("stadsdeel", "Kies een ander stadsdeel van uw eigen gemeente.")
        if not REDEN_LENGTE[0] <= len(reden) <= REDEN_LENGTE[1]:
            faults.add("reden", MET_REDEN)
        faults.raise_any()
        values = {
            "gemeente": viewer.gemeente, "stadsdeel": stadsdeel, "actor": actor_of(viewer), "rol": viewer.role.value,
            "reden": reden, "uren": get_settings().noodtoegang_uren,
        }  # fmt: skip
        async with self._database.connect(Role.TOEGANG) as connection:
            number = await queries.add_noodtoegang(connection, values)
        self._looked = float("-inf")
        return number

    async def end(self, viewer: Viewer, number: int, *, own: bool) -> None:
        """End an access that holds; NotFound when there is none. own: only one of this very viewer."""
        actor = actor_of(viewer)
        async with self._database.connect(Role.TOEGANG) as connection:
            ended = await queries.end_noodtoegang(connection, number, actor, actor if own else None)
        self._looked = float("-inf")
        if not ended:
            raise NotFound("Deze noodtoegang is er niet, of is al afgelopen.")

    async def recent(self, *, days: int) -> list[dict[str, Any]]:
        """All emergency accesses of the last days, newest first, with how often each was used."""
        since = datetime.now(UTC) - timedelta(days=days)
        async with self._database.connect(Role.TOEGANG) as connection:
            return await queries.list_noodtoegang(connection, since)

    async def counts(self, *, days: int) -> list[dict[str, Any]]:
        """How often what was done in the last days, per day."""
        since = datetime.now(UTC).date() - timedelta(days=days)
        async with self._database.connect(Role.TOEGANG) as connection:
            return await queries.list_overzicht(connection, since)


def require_asking(viewer: Viewer) -> None:
    """Only who has an area of their own can ask for another one; who has all of it has nothing to ask."""
    if not viewer.scoped or ALL_STADSDELEN in viewer.stadsdelen:
        raise NotFound("Dit adres bestaat niet.")


def _holds(access: Noodtoegang, viewer: Viewer) -> bool:
    """Whether an access is this viewer's and holds at this moment."""
    mine = (access.actor, access.gemeente_code) == (actor_of(viewer), viewer.gemeente)
    return mine and access.tot > datetime.now(UTC)


def widened(viewer: Viewer, accesses: tuple[Noodtoegang, ...]) -> Viewer:
    """The viewer with what emergency access adds; everything that looks at a viewer follows from it."""
    if not accesses:
        return viewer
    added = {access.stadsdeel_code for access in accesses}
    return replace(viewer, stadsdelen=viewer.stadsdelen | added, noodtoegang=accesses)
