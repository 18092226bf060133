"""What the server says before the application is reached, in Dutch as well: to what cannot be parsed, to too many
headers, and to who takes too long to send a request."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from geo_service.errors import PROBLEM_BASE
from geo_service.settings import get_settings
from geo_service.web import API_VERSION

# Seconds in which the client may finish sending what nobody reads; closing at once would lose the answer.
LINGER = 2.0
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32_768
UNREADABLE = {
    "type": PROBLEM_BASE + "onleesbaar-verzoek",
    "title": "Het verzoek is onleesbaar",
    "status": 400,
    "detail": "Dit verzoek is geen geldig HTTP, of het adres is langer dan 64 kB. Maak een filter korter.",
    # Which address it was is what could not be read.
    "instance": "/",
}
TOO_SLOW = UNREADABLE | {
    "type": PROBLEM_BASE + "te-traag",
    "title": "Het verzoek kwam niet af",
    "status": 408,
    "detail": "Het verzoek was na de wachttijd nog niet helemaal binnen. Probeer het opnieuw.",
}
TOO_MANY_HEADERS = UNREADABLE | {
    "type": PROBLEM_BASE + "te-veel-kopregels",
    "title": "Het verzoek is te groot",
    "status": 431,
    "detail": f"Een verzoek mag {MAX_HEADERS} kopregels hebben en {MAX_HEADER_BYTES} bytes aan kopregels.",
}


class PlainSpoken(HttpToolsProtocol):
    """The usual protocol with a problem document for what it cannot parse, and an end to waiting."""

    refused = False
    _waiting: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.refused:
            if self._waiting is None:
                self._wait_for_request()
            super().data_received(data)

    def on_message_begin(self) -> None:
        self._header_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) >= MAX_HEADERS:
            self._refuse(TOO_MANY_HEADERS)
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (the parser's English goes to the log only)
        self._refuse(UNREADABLE)

    def _wait_for_request(self) -> None:
        self._waiting = self.loop.call_later(get_settings().lees_seconden, self._lose_patience)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _lose_patience(self) -> None:
        self._waiting = None
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        # Who sent nothing waits for nothing, and half an answer cannot become another one.
        if self.headers is None or answering:
            self.transport.close()
        else:
            self._refuse(TOO_SLOW)

    def _refuse(self, problem: dict[str, Any]) -> None:
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        body = json.dumps(problem).encode()
        lines = (
            b"content-type: application/problem+json",
            b"content-length: " + str(len(body)).encode(),
            b"api-version: " + API_VERSION.encode(),
            b"cache-control: no-store",
            b"content-security-policy: default-src 'none'; frame-ancestors 'none'",
            b"x-content-type-options: nosniff",
            b"connection: close",
        )
        self.transport.write(STATUS_LINE[problem["status"]] + b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.loop.call_later(LINGER, self.transport.close)
