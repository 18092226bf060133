"""Keys of researchers: made once, stored as a hash, good until they end or are revoked."""

from __future__ import annotations

import hmac
import re
import secrets

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.db.queries.toegang import find_sleutel
from geo_service.db.write.toegang import WRITING, note_sleutel
from geo_service.errors import InvalidToken
from geo_service.identity import Role, Viewer
from geo_service.toegang.geheimen import derive, keyed_hash, plain_hash
from geo_service.toegang.onthouden import Onthouden, Toegelaten

PREFIX = "bs_"
SHAPE = re.compile(r"bs_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
# Who runs the service logs in as a person.
ROLES = (Role.ONDERZOEKER, Role.WIJKREGISSEUR, Role.STADSDEELMANAGER)
BAD_KEY = "De API-sleutel is niet geldig, verlopen of ingetrokken. Vraag een nieuwe sleutel aan."


def make_sleutel(secret: bytes) -> tuple[str, str, bytes]:
    """A new key: the text to hand over once, its public number, and the hash to store."""
    sleutel_id = secrets.token_hex(8)
    text = f"{PREFIX}{sleutel_id}_{secrets.token_urlsafe(32)}"
    return text, sleutel_id, _hash(secret, text)


def actor_of(sleutel_id: str) -> str:
    """Who a key is in the log."""
    return f"sleutel-{sleutel_id}"


def _hash(secret: bytes, text: str) -> bytes:
    return keyed_hash(derive(secret, "api-sleutel"), text)


class Sleutels:
    """Looks a key up as the role that may."""

    def __init__(self, database: Database, secret: bytes):
        self._database, self._secret = database, secret
        self._known = Onthouden()

    async def viewer(self, text: str) -> Viewer:
        """The viewer of a key; InvalidToken when it is not, or no longer, one of ours."""
        match = SHAPE.fullmatch(text)
        if match is None:
            raise InvalidToken(BAD_KEY)
        remembered = plain_hash(text)
        return self._known.get(remembered) or self._known.put(remembered, await self._find(match[1], text))

    async def _find(self, sleutel_id: str, text: str) -> Toegelaten:
        async with self._database.connect(DatabaseRole.TOEGANG, WRITING) as connection:
            row = await find_sleutel(connection, sleutel_id)
            if row is None or not hmac.compare_digest(row["sleutel_hash"], _hash(self._secret, text)):
                raise InvalidToken(BAD_KEY)
            if not row["vandaag_gebruikt"]:
                await note_sleutel(connection, sleutel_id)
        role, stadsdelen = Role(row["rol"]), frozenset(row["stadsdelen"])
        viewer = Viewer(role, row["gemeente_code"], stadsdelen, id=actor_of(sleutel_id))
        return Toegelaten(viewer, row["tot"].timestamp())
