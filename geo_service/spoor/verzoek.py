"""Requests in the log: who asked what, and how it ended. Also what a viewer may see more for a while."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.db.engine import Database
from geo_service.identity import PUBLIEK, Role, Viewer
from geo_service.spoor.gebeurtenis import (
    GEWEIGERD,
    INSTUREN,
    LEZEN,
    LEZEN_MET_NOODTOEGANG,
    Gebeurtenis,
    actor_of,
    shortened,
)
from geo_service.spoor.noodtoegang import Noodtoegangen, widened
from geo_service.spoor.schrijver import Schrijver
from geo_service.spoor.sleutel import Ondertekenaar
from geo_service.vraagregel import query_pairs

# Of these a line says what was asked; of all others only that they were.
TOLD = frozenset({"gemeente", "niveau", "gebied", "bron", "categorie", "periode", "peiljaar", "noemer", "f"})
REFUSED = frozenset({401, 403, 429})
STATIC = "/statisch/"
# Who never sees a row of intern, and is followed all the same: they govern the service.
FOLLOWED = frozenset({Role.BEHEERDER, Role.GEGEVENSBEHEERDER})
_PATH_LENGTH, _VALUE_LENGTH, _QUERY_PAIRS = 200, 60, 50


@dataclass(frozen=True)
class Spoor:
    """What a running website writes its log with."""

    schrijver: Schrijver
    noodtoegangen: Noodtoegangen

    @classmethod
    def make(cls, database: Database, secret: bytes) -> Spoor:
        return cls(Schrijver(database, Ondertekenaar(secret)), Noodtoegangen(database))


def get_spoor(request: Request) -> Spoor:
    spoor: Spoor = request.app.state.spoor
    return spoor


async def follow(request: Request, viewer: Viewer) -> Viewer:
    """The viewer as this request sees them: with emergency access, and followed in the log from here on.

    Unavailable (503) for whoever may see internal data while the log cannot be written.
    """
    spoor = get_spoor(request)
    if viewer.scoped:
        spoor.schrijver.require()
    followed = widened(viewer, await spoor.noodtoegangen.of(viewer))
    request.state.kijker = followed
    return followed


class Followed:
    """Notes every request of a followed viewer, and every refusal, at the moment that the answer begins."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(STATIC):
            await self.app(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(Request(scope), message["status"])
            await send(message)

        await self.app(scope, receive, watch)


def _note(request: Request, status: int) -> None:
    viewer: Viewer = getattr(request.state, "kijker", PUBLIEK)
    schrijver = get_spoor(request).schrijver
    if viewer.scoped or viewer.role in FOLLOWED:
        schrijver.note(request_event(request, viewer, _act(request, viewer), str(status)))
    elif status in REFUSED:
        schrijver.note_refusal(request_event(request, viewer, GEWEIGERD, str(status)))


def _act(request: Request, viewer: Viewer) -> str:
    if request.method not in ("GET", "HEAD"):
        return INSTUREN
    return LEZEN_MET_NOODTOEGANG if viewer.noodtoegang else LEZEN


def request_event(
    request: Request, viewer: Viewer, handeling: str, uitkomst: str, object_: str | None = None
) -> Gebeurtenis:
    """An event of a request. object_: what it was about, when that is not the address."""
    address = request.client.host if request.client else ""
    kenmerk = getattr(request.state, "kenmerk", "")
    what = describe(request) if object_ is None else object_
    return Gebeurtenis(actor_of(viewer), viewer.role.value, handeling, what, uitkomst, shortened(address), str(kenmerk))


def describe(request: Request) -> str:
    """The address with the names of what was asked, and the values of area, source and period only."""
    asked = query_pairs(request)[:_QUERY_PAIRS]
    told = [
        f"{name}={value[:_VALUE_LENGTH]}" if name in TOLD else name[:_VALUE_LENGTH] for name, value in sorted(asked)
    ]
    path = request.scope["path"][:_PATH_LENGTH]
    return f"{path}?{'&'.join(told)}" if told else path
