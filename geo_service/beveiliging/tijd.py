"""No request lasts for ever: what takes too long is answered with 503, and a file that goes on too long is cut off."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.beveiliging.headers import Refuse
from geo_service.errors import Unavailable
from geo_service.settings import get_settings

# Beside the question to the database: waiting for a place, and sending what was found.
MARGIN_SECONDS = 60
# Answers that end with their headers.
NO_BODY = frozenset({204, 304})
_CLOCK = "klok"


class TimeLimit:
    """Give a request so many seconds to begin its answer, and an answer that has begun the time of a file."""

    def __init__(self, app: ASGIApp, refuse: Refuse):
        settings = get_settings()
        self.app = app
        self._refuse = refuse
        self._seconds = settings.verzoek_seconden
        self._file_seconds = settings.export_seconden + MARGIN_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if message["status"] not in NO_BODY:
                    _set(clock, self._file_seconds)
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as clock:
                scope.setdefault("state", {})[_CLOCK] = clock
                await self.app(scope, receive, watch)
        except TimeoutError:
            if started or not clock.expired():
                raise
            late = Unavailable("Dit verzoek duurde te lang. Vraag minder tegelijk of probeer het later opnieuw.")
            await self._refuse(Request(scope), late)(scope, receive, send)


def allow_file_time(request: Request) -> None:
    """A file may take as long as its question to the database, also before its first byte."""
    clock: asyncio.Timeout | None = request.scope.get("state", {}).get(_CLOCK)
    if clock is not None:
        _set(clock, get_settings().export_seconden + MARGIN_SECONDS)


def _set(clock: asyncio.Timeout, seconds: float) -> None:
    clock.reschedule(asyncio.get_running_loop().time() + seconds)
