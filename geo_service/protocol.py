"""What the server says before the application is reached: a request that cannot be parsed is told in Dutch as well."""

from __future__ import annotations

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from geo_service.errors import PROBLEM_BASE
from geo_service.web import API_VERSION

# Seconds in which the client may finish sending what nobody reads; closing at once would lose the answer.
LINGER = 2.0
PROBLEM = {
    "type": PROBLEM_BASE + "onleesbaar-verzoek",
    "title": "Het verzoek is onleesbaar",
    "status": 400,
    "detail": "Dit verzoek is geen geldig HTTP, of het adres is langer dan 64 kB. Maak een filter korter.",
    # Which address it was is what could not be read.
    "instance": "/",
}


class PlainSpoken(HttpToolsProtocol):
    """The usual protocol with a problem document for what it cannot parse."""

    refused = False

    def data_received(self, data: bytes) -> None:
        if not self.refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (the parser's English goes to the log only)
        self.refused = True
        body = json.dumps(PROBLEM).encode()
        lines = (
            b"HTTP/1.1 400 Bad Request",
            b"content-type: application/problem+json",
            b"content-length: " + str(len(body)).encode(),
            b"api-version: " + API_VERSION.encode(),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"connection: close",
        )
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.loop.call_later(LINGER, self.transport.close)
