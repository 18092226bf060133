"""Every kind of attempt finds its way in when the guard that it is about is gone; with the guard none does."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import jwt
import pytest
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database, Question, ReadConnection
from geo_service.db.schema import intern
from geo_service.domain.velden import Soort, Veld
from geo_service.identity import PUBLIEK, Viewer
from geo_service.release.collecties import COLLECTIES
from geo_service.release.collecties.model import Aanvraag
from geo_service.toegang import kijker
from geo_service.toegang.claims import viewer_of
from geo_service.toegang.kijker import Binnen, Toegang
from tests.attack import attempts
from tests.attack.attempts import EVERYTHING, Loot
from tests.attack.test_intruder import loot, try_one, website
from tests.geo_service.api.website import Website

__all__ = ["loot", "website"]
# An attempt that climbs to a file has to guess how deep it is.
PATIENCE = 3_000
Patch = pytest.MonkeyPatch


def rows_of_everyone(patch: Patch) -> None:
    """The scope that row security reads says that everything is one's own."""
    connect = Database.connect

    def wide(
        self: Database, role: DatabaseRole, scope: Mapping[str, str] | None = None, **options: Any
    ) -> AbstractAsyncContextManager[ReadConnection]:
        return connect(self, role, scope and {**scope, "buurtsignaal.stadsdelen": "alle"}, **options)

    patch.setattr(Database, "connect", wide)


def roles_of_everyone(patch: Patch) -> None:
    """Whoever has a good token is a manager."""
    patch.setattr(Toegang, "development_viewer", lambda *_: EVERYTHING)


def tokens_unchecked(patch: Patch) -> None:
    """A token is believed without its signature."""

    def believe(token: str, secret: bytes) -> Viewer:
        told = jwt.decode(token, options={"verify_signature": False})
        return viewer_of(str(told["rol"]), told.get("gemeente"), frozenset(told.get("stadsdelen", [])))

    patch.setattr(kijker, "viewer_from_token", believe)


def values_in_the_statement(patch: Patch) -> None:
    """Texts are written into the statement and not bound."""
    ask = ReadConnection._rows

    def write(question: Question) -> Question:
        statement, values = question
        for name, value in values.items():
            if isinstance(value, str):
                statement = statement.replace(f"%({name})s", f"'{value}'")
        return statement, values

    async def written(self: ReadConnection, questions: Sequence[Question], **options: Any) -> list[Any]:
        return await ask(self, [write(question) for question in questions], **options)

    patch.setattr(ReadConnection, "_rows", written)


def fields_of_everyone(patch: Patch) -> None:
    """The keys of reporters and addresses are fields like any other."""
    own = COLLECTIES["meldingen"]
    more = tuple(Veld(name, Soort.TEKST, "") for name in ("melder", "adres"))

    async def make(aanvraag: Aanvraag) -> Any:
        relatie = await own.maker(aanvraag)
        columns = {veld.naam: intern.melding.c[veld.naam] for veld in more}
        return replace(relatie, velden=(*relatie.velden, *more), kolommen={**relatie.kolommen, **columns})

    patch.setitem(COLLECTIES, "meldingen", replace(own, velden=(*own.velden, *more), maker=make))


def headers_believed(patch: Patch) -> None:
    """A header says who somebody is."""

    async def believe(self: Toegang, request: Request) -> Binnen:
        return Binnen(EVERYTHING if {"x-role", "x-forwarded-user"} & set(request.headers) else PUBLIEK)

    patch.setattr(Toegang, "enter", believe)


def files_anywhere(patch: Patch) -> None:
    """A path is followed wherever it leads; files of /proc tell no length, and a server cannot send those."""

    def follow(self: StaticFiles, path: str) -> tuple[str, os.stat_result | None]:
        full = os.path.join(str(self.directory), path)
        found = os.path.isfile(full) and os.path.getsize(full) > 0
        return (full, os.stat(full)) if found else ("", None)

    patch.setattr(StaticFiles, "lookup_path", follow)


GUARDS: dict[str, tuple[Callable[[random.Random, Loot], attempts.Attempt], Callable[[Patch], None]]] = {
    "rijen": (attempts.other_rows, rows_of_everyone),
    "rol": (attempts.other_roles, roles_of_everyone),
    "token": (attempts.bad_tokens, tokens_unchecked),
    "sql": (attempts.injections, values_in_the_statement),
    "cql2": (attempts.filters, fields_of_everyone),
    "kop": (attempts.odd_headers, headers_believed),
    "pad": (attempts.paths, files_anywhere),
    "veld": (attempts.hidden_fields, fields_of_everyone),
    "schrijven": (attempts.writing, roles_of_everyone),
}


@pytest.mark.parametrize("kind", GUARDS)
def test_without_its_guard_an_attempt_succeeds(website: Website, loot: Loot, monkeypatch: Patch, kind: str) -> None:
    make, remove = GUARDS[kind]
    remove(monkeypatch)
    rng = random.Random(5)
    tried = [make(rng, loot) for _ in range(PATIENCE)]
    assert {attempt.kind for attempt in tried} == {kind}
    assert any(try_one(website, loot, attempt) for attempt in tried)
