"""Writes the log of a running website: in batches, behind the requests, and never silently not."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import date

import psycopg

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.db.queries.logboek import append
from geo_service.errors import BuurtsignaalError, Unavailable
from geo_service.spoor.gebeurtenis import Gebeurtenis
from geo_service.spoor.keten import seal_text
from geo_service.spoor.sleutel import Ondertekenaar

log = logging.getLogger("buurtsignaal")

SECONDS = 1.0
BATCH = 1_000
ROOM = 10_000
_PATIENCE = 5
CLOSED = "Het logboek kan nu niet worden bijgehouden. Daarom geven wij geen interne gegevens. Probeer het zo opnieuw."


class Schrijver:
    """A queue in memory that one task empties: after a second, or as soon as there is a whole batch."""

    def __init__(self, database: Database, ondertekenaar: Ondertekenaar, *, room: int = ROOM):
        self._database = database
        self._ondertekenaar = ondertekenaar
        self._room = room
        self._waiting: deque[Gebeurtenis] = deque()
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._ending = False
        self._failed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether what happens now will be written down."""
        return not self._failed and len(self._waiting) < self._room

    def require(self) -> None:
        """Unavailable (503) while the log cannot be written: then internal data is not given."""
        if not self.open:
            raise Unavailable(CLOSED)

    def note(self, gebeurtenis: Gebeurtenis) -> None:
        """Write an event down soon."""
        self._waiting.append(gebeurtenis)
        self._some.set()
        if len(self._waiting) >= BATCH:
            self._enough.set()

    def note_refusal(self, gebeurtenis: Gebeurtenis) -> None:
        """Write down what anyone can cause, as far as there is room: a flood of it must not keep staff out."""
        if len(self._waiting) < self._room // 2:
            self.note(gebeurtenis)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write down what is left and end."""
        self._ending = True
        self._some.set()
        self._enough.set()
        if self._task is not None:
            await self._task
        if self._waiting:
            log.error("%s regels van het logboek zijn niet weggeschreven", len(self._waiting))

    async def _run(self) -> None:
        while not self._ending:
            await self._some.wait()
            await self._pause(self._enough)
            self._enough.clear()
            self._some.clear()
            while self._waiting and await self._write():
                pass
            if self._waiting:
                self._some.set()
        if self._waiting:
            await self._write()

    async def _pause(self, until: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(until.wait(), SECONDS)
        except TimeoutError:
            return

    async def _write(self) -> bool:
        """Write one batch; whether it worked. What was not written stays in line."""
        batch = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
        try:
            async with asyncio.timeout(_PATIENCE), self._database.connect(Role.TOEGANG) as connection:
                await append(connection, [event.as_dict() for event in batch], self._seal)
        except (BuurtsignaalError, psycopg.Error, TimeoutError) as error:
            if not self._failed:
                log.error("het logboek kan niet worden bijgehouden (%s)", type(error).__name__)
            self._failed = True
            return False
        for _ in batch:
            self._waiting.popleft()
        self._failed = False
        return True

    def _seal(self, dag: date, nummer: int, hash_: bytes) -> tuple[bytes, str]:
        return self._ondertekenaar.sign(seal_text(dag, nummer, hash_)), self._ondertekenaar.sleutel
