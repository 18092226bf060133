"""What every request passes: security headers with a fresh nonce, and the viewer that the token stands for."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.db.engine import Database
from geo_service.errors import InvalidToken
from geo_service.identity import PUBLIEK, Viewer, viewer_from_token
from geo_service.settings import get_settings
from maps.model import BaseMap

COOKIE = "buurtsignaal_token"


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

        await self.app({**scope, "method": "GET"}, receive, without_body)


async def secure_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Set the policy that lets only our own files and this response's own scripts run."""
    request.state.nonce = secrets.token_urlsafe(16)
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = content_policy(request.state.nonce)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
    response.headers["API-Version"] = "0.1.0"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def content_policy(nonce: str) -> str:
    base = get_settings().achtergrondkaart_url
    tiles = f" {BaseMap(base, '', '').origin}" if base else ""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'{tiles}; font-src 'self'; "
        "connect-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def get_viewer(request: Request) -> Viewer:
    """Who asks: a bearer token (API) or the cookie of the development log-in (pages); nobody means the public."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        token = request.cookies.get(COOKIE, "")
    if not token.strip():
        return PUBLIEK
    if request.app.state.secret is None:
        raise InvalidToken("Ontwikkeltokens staan uit op deze dienst.")
    return viewer_from_token(token.strip(), request.app.state.secret)


def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
