"""Running log-ins: the browser holds a random number, the database its hash."""

from __future__ import annotations

import re
import secrets

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.db.write.toegang import WRITING, close_sessie, open_sessie, use_sessie
from geo_service.identity import Role, Viewer
from geo_service.settings import Settings
from geo_service.toegang.fouten import SessionEnded
from geo_service.toegang.geheimen import plain_hash
from geo_service.toegang.onthouden import Onthouden, Toegelaten

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
ENDED = "Uw sessie is afgelopen. Log opnieuw in, of kijk verder als bezoeker."


class Sessies:
    """Opens, looks up and ends sessions as the role that may."""

    def __init__(self, database: Database, settings: Settings):
        self._database, self._settings = database, settings
        self._known = Onthouden()

    async def open(self, viewer: Viewer) -> str:
        """The number of a new session: never one that a browser brought."""
        number = secrets.token_urlsafe(32)
        duur, stil = self._settings.sessie_seconden, self._settings.sessie_stil_seconden
        async with self._database.connect(DatabaseRole.TOEGANG, WRITING) as connection:
            await open_sessie(connection, plain_hash(number), viewer, duur=duur, stil=stil)
        return number

    async def viewer(self, number: str) -> Viewer:
        """Who logged in; SessionEnded when that was too long ago, or never."""
        if not SHAPE.fullmatch(number):
            raise SessionEnded(ENDED)
        hashed = plain_hash(number)
        return self._known.get(hashed) or self._known.put(hashed, await self._find(hashed))

    async def close(self, number: str) -> None:
        """End a session, for every process."""
        hashed = plain_hash(number)
        async with self._database.connect(DatabaseRole.TOEGANG, WRITING) as connection:
            await close_sessie(connection, hashed)
        self._known.forget(hashed)

    async def _find(self, hashed: bytes) -> Toegelaten:
        async with self._database.connect(DatabaseRole.TOEGANG, WRITING) as connection:
            row = await use_sessie(connection, hashed)
        if row is None:
            raise SessionEnded(ENDED)
        viewer = Viewer(
            Role(row["rol"]), row["gemeente_code"], frozenset(row["stadsdelen"]), id=row["kijker"],
            sinds=row["begonnen_op"],
        )  # fmt: skip
        return Toegelaten(viewer, row["tot"].timestamp())
