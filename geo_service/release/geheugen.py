"""What the service remembers between requests: municipalities, counts and finished answers, until the data changes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from geo_service.db.connection import Role
from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries.selectie import Selectie
from geo_service.db.queries.stand import read_stand
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente, load_gemeente

T = TypeVar("T")
STAND_SECONDS = 1.0
MAX_COUNTS = 20_000
MAX_GEMEENTEN = 1_000
# Bytes; a selection of figures carries them all.
MAX_SELECTIES = 50_000_000


class Recent(Generic[T]):
    """The most recently used values, up to a total size."""

    def __init__(self, size: int):
        self._size = size
        self._used = 0
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: T, size: int = 1) -> None:
        """Remember a value; one that is larger than a tenth of everything is not worth what it pushes out."""
        if size * 10 > self._size:
            return
        replaced = self._values.pop(key, None)
        self._used += size - (replaced[1] if replaced else 0)
        self._values[key] = (value, size)
        while self._used > self._size:
            _, (_, freed) = self._values.popitem(last=False)
            self._used -= freed

    def clear(self) -> None:
        self._values.clear()
        self._used = 0


class Geheugen:
    """Everything is forgotten when the stand of the data changes; the stand is looked up at most once a second.

    moment: when the data last changed, in UTC. selecties: by the stand and the question they were made for.
    """

    def __init__(self, database: Database, *, answer_bytes: int):
        self._database = database
        self._stand = ""
        self.moment = ""
        self._looked = float("-inf")
        self._gemeenten: Recent[Gemeente] = Recent(MAX_GEMEENTEN)
        self._counts: Recent[int] = Recent(MAX_COUNTS)
        self._grenzen: Recent[tuple[float, ...]] = Recent(MAX_COUNTS)
        self.selecties: Recent[Selectie] = Recent(MAX_SELECTIES)
        self.answers: Recent[Any] = Recent(answer_bytes)

    async def stand(self) -> str:
        """The version of the data; Unavailable when the database is gone."""
        if time.monotonic() - self._looked >= STAND_SECONDS:
            async with self._database.connect(Role.PUBLIEK) as connection:
                found, moment = await read_stand(connection)
            self._looked = time.monotonic()
            if found != self._stand:
                for remembered in (self._gemeenten, self._counts, self._grenzen, self.selecties, self.answers):
                    remembered.clear()
                self._stand, self.moment = found, moment
        return self._stand

    def renew(self) -> None:
        """Somebody just wrote: look the stand up at the next question, however short ago that was done."""
        self._looked = float("-inf")

    @property
    def last_stand(self) -> str:
        """The version of the data when it was last looked up."""
        return self._stand

    async def gemeente(self, connection: ReadConnection, viewer: Viewer, asked: str | None) -> Gemeente:
        """As ``load_gemeente``, from memory when it was asked before."""
        # Without a question the viewer's own municipality decides.
        key = (self._stand, asked, None if asked else viewer.gemeente)
        found = self._gemeenten.get(key)
        if found is None:
            found = await load_gemeente(connection, viewer, asked)
            self._gemeenten.put(key, found)
        return found

    async def gemeente_or_none(self, connection: ReadConnection, viewer: Viewer, asked: str | None) -> Gemeente | None:
        """As ``gemeente``; None before any area was loaded."""
        try:
            return await self.gemeente(connection, viewer, asked)
        except NotFound:
            return None

    def known_count(self, question: Hashable) -> int | None:
        """How many features a question, which includes the stand it was asked at, turned out to have."""
        return self._counts.get(question)

    def remember_count(self, question: Hashable, number: int) -> None:
        self._counts.put(question, number)

    def known_grenzen(self, question: Hashable) -> tuple[float, ...] | None:
        """The fixed breaks of a series, which includes the stand it was read at, when they were made before."""
        return self._grenzen.get(question)

    def remember_grenzen(self, question: Hashable, grenzen: tuple[float, ...]) -> None:
        self._grenzen.put(question, grenzen)
