"""One member of staff at work: who they are to their colleagues' notes, and the connection that they write with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg

from geo_service.db.connection import Role
from geo_service.db.engine import Database, ReadConnection
from geo_service.errors import NotFound
from geo_service.identity import Role as ViewerRole
from geo_service.identity import Viewer
from geo_service.release.context import scope_of
from geo_service.toegang.geheimen import derive, keyed_hash
from geo_service.web import Dienst

GEEN_PAGINA = "Dit adres bestaat niet."


@dataclass(frozen=True)
class Werkplek:
    """medewerker: a mark that only this service can make of a person; it is another one with another secret."""

    database: Database
    viewer: Viewer
    medewerker: str

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[ReadConnection]:
        """A connection as the role that keeps notes and views, in the scope of this viewer.

        NotFound when row security refuses what is written.
        """
        who = {"buurtsignaal.medewerker": self.medewerker, "buurtsignaal.rol": self.viewer.role.value}
        scope = scope_of(self.viewer) | who
        if self.viewer.role is ViewerRole.GEGEVENSBEHEERDER:
            scope |= {"buurtsignaal.gegevensbeheer": "ja"}
        async with self.database.connect(Role.WERK, scope) as connection:
            try:
                yield connection
            except psycopg.errors.InsufficientPrivilege as error:
                raise NotFound(GEEN_PAGINA) from error


def has_werkplek(viewer: Viewer) -> bool:
    """Staff with an area of their own, whom their provider names."""
    return viewer.scoped and viewer.id is not None


def may_correct(viewer: Viewer) -> bool:
    """Staff with an area of their own, and whoever governs the data."""
    known = viewer.id is not None
    return known and (bool(viewer.scoped and viewer.stadsdelen) or viewer.role is ViewerRole.GEGEVENSBEHEERDER)


def redactie_of(dienst: Dienst, viewer: Viewer) -> Werkplek:
    """Where places are corrected; NotFound for who may not."""
    if not may_correct(viewer):
        raise NotFound(GEEN_PAGINA)
    return _werkplek(dienst, viewer)


def werkplek_of(dienst: Dienst, viewer: Viewer) -> Werkplek:
    """NotFound for who has none."""
    if not has_werkplek(viewer):
        raise NotFound(GEEN_PAGINA)
    return _werkplek(dienst, viewer)


def _werkplek(dienst: Dienst, viewer: Viewer) -> Werkplek:
    key = derive(dienst.secret, "werkplek")
    who = keyed_hash(key, f"{viewer.gemeente}\n{viewer.id}").hex()[:32]
    return Werkplek(dienst.database, viewer, who)
