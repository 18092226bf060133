"""When a member of staff was here before, and what the sources had to tell then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geo_service.db.queries import werk as queries
from geo_service.werk.werkplek import Werkplek

# Who looks again after lunch continues the same visit; tomorrow is another one.
STIL_SECONDEN = 4 * 3_600


@dataclass(frozen=True)
class VorigBezoek:
    """The visit before this one. stand: the last whole period of each source then."""

    moment: datetime
    stand: Mapping[str, str]


async def note(werkplek: Werkplek, stand: Mapping[str, str]) -> VorigBezoek | None:
    """Note that somebody is here, with what the sources have to tell now; None at the first visit."""
    async with werkplek.connect() as connection:
        row = await queries.note_bezoek(connection, werkplek.medewerker, dict(stand), STIL_SECONDEN)
    return VorigBezoek(row["vorige_op"], row["vorige"]) if row["vorige_op"] else None
