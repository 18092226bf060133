"""The gate: what is refused before any route looks at it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.beveiliging.csrf import refuse_other_origin
from geo_service.beveiliging.headers import Refuse
from geo_service.errors import BuurtsignaalError, TooLarge, Unavailable
from geo_service.settings import Settings, get_settings
from geo_service.web import API

# HEAD is answered as GET before this; OPTIONS is how a browser asks whether a page of another host may read.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
# Features are replaced and deleted; no page is.
API_METHODS = METHODS | {"PUT", "DELETE"}
WRITING = frozenset({"POST", "PUT", "DELETE"})
# Whoever watches over the service asks by its address in the network.
HEALTH = "/gezond"
HOST = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)


class UnknownHost(BuurtsignaalError):
    status = 400
    slug = "onbekende-naam"
    title = "Deze naam is onbekend"


class UnknownMethod(BuurtsignaalError):
    status = 405
    slug = "manier-niet-toegestaan"
    title = "De vraag kan niet zo"


class Gate:
    """Refuse unknown names and methods, forms from elsewhere, large bodies, and more at once than there is room for."""

    def __init__(self, app: ASGIApp, refuse: Refuse):
        settings = get_settings()
        self.app = app
        self._refuse = refuse
        self._hosts = known_hosts(settings)
        self._room = settings.gelijktijdig
        self._bytes = settings.verzoek_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope)
        except BuurtsignaalError as error:
            await self._refuse(Request(scope), error)(scope, receive, send)
            return
        self._room -= 1
        try:
            await self.app(scope, self._limited(receive), send)
        finally:
            self._room += 1

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers.get("host"), scope["path"])
        if scope["method"] not in (API_METHODS if scope["path"].startswith(f"{API}/") else METHODS):
            raise UnknownMethod("Deze manier van vragen kan hier niet.")
        if int(headers.get("content-length", "0")) > self._bytes:
            raise self._too_large()
        if scope["method"] in WRITING:
            refuse_other_origin(Request(scope))
        if self._room <= 0:
            raise Unavailable("Er zijn nu te veel bezoekers tegelijk. Probeer het zo opnieuw.")

    def _check_host(self, host: str | None, path: str) -> None:
        found = HOST.fullmatch(host) if host is not None else None
        if host is not None and found is None:
            raise UnknownHost("De naam in dit verzoek is geen geldige naam van een website.")
        if self._hosts and path != HEALTH and (found is None or found[1].lower() not in self._hosts):
            raise UnknownHost("Deze website heeft een andere naam. Controleer het adres.")

    def _too_large(self) -> TooLarge:
        return TooLarge(f"Een verzoek mag ten hoogste {self._bytes} bytes meesturen.")

    def _limited(self, receive: Receive) -> Receive:
        """The same, until more comes in than a request may send; a body without a length is counted as it comes."""
        left = self._bytes

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_large()
            return message

        return counted


def known_hosts(settings: Settings) -> frozenset[str]:
    """The names by which the service may be asked; empty: any, because its own name is not set."""
    own = urlsplit(settings.openbaar_adres or "").hostname
    return frozenset({own, *(host.lower() for host in settings.hosts)}) if own else frozenset()
