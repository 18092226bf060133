"""What every request passes: security headers, the viewer that the token stands for, and the limit on requests."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.db.engine import Database
from geo_service.errors import InvalidToken, TooManyRequests
from geo_service.identity import PUBLIEK, Viewer, viewer_from_token
from geo_service.settings import get_settings
from maps.model import BaseMap

if TYPE_CHECKING:
    from geo_service.release.geheugen import Geheugen

COOKIE = "buurtsignaal_token"
API = "/v1"
API_VERSION = "0.1.0"


@dataclass(frozen=True)
class Dienst:
    """What the routes work with: the database, what is remembered, and the secret of cursors.

    bestanden: places for files that are made at the same time; each holds a connection and a thread.
    """

    database: Database
    geheugen: Geheugen
    secret: bytes
    limiet: RequestLimit
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


class SecureHeaders:
    """Set the policy that lets only our own files and this response's own scripts run."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = content_policy(nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
                headers["API-Version"] = API_VERSION
                headers.setdefault("Cache-Control", "no-store")
                headers.update(scope["state"].get("limits", {}))
            await send(message)

        await self.app(scope, receive, with_headers)


def content_policy(nonce: str) -> str:
    base = get_settings().achtergrondkaart_url
    tiles = f" {BaseMap(base, '', '').origin}" if base else ""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'{tiles}; font-src 'self'; "
        "connect-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


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

    A token counts by itself, whatever is written around it; without one, or with a bad one, the address counts.
    """
    dienst = get_dienst(request)
    address = request.client.host if request.client else ""
    try:
        viewer = await get_viewer(request)
    except InvalidToken:
        await _count(request, dienst, address)
        raise
    await _count(request, dienst, _token_of(request) if viewer.ingelogd else address)
    return viewer, dienst


async def _count(request: Request, dienst: Dienst, who: str) -> None:
    allowed, request.state.limits = await dienst.limiet.hit(who)
    if not allowed:
        raise TooManyRequests("Er zijn te veel verzoeken gedaan. Wacht een minuut en probeer het opnieuw.")


async def get_viewer(request: Request) -> Viewer:
    """Who asks; nobody means the public."""
    token = _token_of(request)
    if not token:
        return PUBLIEK
    if request.app.state.secret is None:
        raise InvalidToken("Ontwikkeltokens staan uit op deze dienst.")
    return viewer_from_token(token, request.app.state.secret)


def _token_of(request: Request) -> str:
    """The bearer token (API), else the cookie of the development log-in (pages); empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        token = request.cookies.get(COOKIE, "")
    return token.strip()


def get_dienst(request: Request) -> Dienst:
    dienst: Dienst = request.app.state.dienst
    return dienst


async def get_database(request: Request) -> Database:
    return get_dienst(request).database
