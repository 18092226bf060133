"""What every request passes: the door, and the limits on requests and on what is refused there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.db.engine import Database
from geo_service.errors import InvalidToken, TooManyRequests
from geo_service.identity import Viewer
from geo_service.spoor.verzoek import follow
from geo_service.toegang.kijker import Binnen, Toegang

if TYPE_CHECKING:
    from geo_service.release.geheugen import Geheugen

API = "/v1"
API_VERSION = "0.1.0"


@dataclass(frozen=True)
class Dienst:
    """What the routes work with: the database, what is remembered, who may come in, and the secret of cursors.

    limiet counts requests, mislukt what was refused at the door. bestanden: places for files that are made at the same
    time; each holds a connection and a thread.
    """

    database: Database
    geheugen: Geheugen
    toegang: Toegang
    secret: bytes
    limiet: RequestLimit
    mislukt: RequestLimit
    bestanden: asyncio.Semaphore


class HeadAsGet:
    """Answer HEAD with the headers of GET and no body, on every address."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        # Files look at this: what nobody reads need not be made.
        await self.app({**scope, "method": "GET", "buurtsignaal.head": True}, receive, without_body)


class RequestLimit:
    """How many requests one viewer or address may make to the API in a minute."""

    def __init__(self, per_minute: int):
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def hit(self, who: str) -> tuple[bool, dict[str, str]]:
        """Count a request: whether it is allowed, and the headers that tell how much is left."""
        allowed = await self._limiter.hit(self._item, who)
        window = await self._limiter.get_window_stats(self._item, who)
        seconds = max(1, round(window.reset_time - time.time()))
        return allowed, {
            "RateLimit-Policy": f'"minuut";q={self._item.amount};w=60',
            "RateLimit": f'"minuut";r={window.remaining};t={seconds}',
        }


async def enter(request: Request) -> tuple[Viewer, Dienst]:
    """Every API request starts here: who asks, and whether they did not ask too often.

    A token, session or key counts by itself, whatever is written around it; without one, or with a bad one, the
    address counts.
    """
    dienst = get_dienst(request)
    try:
        binnen = await _let_in(request)
    except InvalidToken:
        await _count(request, dienst.limiet, _address(request))
        raise
    await _count(request, dienst.limiet, binnen.kenmerk or _address(request))
    return binnen.viewer, dienst


async def get_viewer(request: Request) -> Viewer:
    """Who asks; nobody means the public."""
    return (await _let_in(request)).viewer


async def count_failure(request: Request) -> None:
    """Note a bad token or a log-in that failed; TooManyRequests when this address had too many of them.

    What is good still comes in: a whole town hall may share the address of one bad script.
    """
    allowed, _ = await get_dienst(request).mislukt.hit(_address(request))
    if not allowed:
        raise TooManyRequests("Er zijn te veel aanmeldingen mislukt. Wacht een minuut en probeer het opnieuw.")


async def _let_in(request: Request) -> Binnen:
    # It asks this module for the service.
    from geo_service.beveiliging.csrf import csrf_field

    try:
        binnen = await get_dienst(request).toegang.enter(request)
    except InvalidToken:
        await count_failure(request)
        raise
    if not binnen.viewer.ingelogd:
        return binnen
    viewer = await follow(request, binnen.viewer)
    # A form belongs to a session, and a session to a cookie: programs have neither.
    if request.cookies:
        viewer = replace(viewer, formuliercode=csrf_field(request))
    return replace(binnen, viewer=viewer)


async def _count(request: Request, limiet: RequestLimit, who: str) -> None:
    allowed, request.state.limits = await limiet.hit(who)
    if not allowed:
        raise TooManyRequests("Er zijn te veel verzoeken gedaan. Wacht een minuut en probeer het opnieuw.")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def get_dienst(request: Request) -> Dienst:
    dienst: Dienst = request.app.state.dienst
    return dienst


async def get_database(request: Request) -> Database:
    return get_dienst(request).database
