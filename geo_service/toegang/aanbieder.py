"""The provider: its addresses by discovery and the keys it publishes, fetched when needed and never too often."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from geo_service.errors import Unavailable
from geo_service.toegang.adres import is_local

DISCOVERY = "/.well-known/openid-configuration"
MAX_BYTES = 262_144
MAX_KEYS = 100
SECONDS = 5.0
# Times the usual age after which keys that could not be fetched again are no longer believed.
LAST_RESORT = 3
# No answer, or one that is not what a provider says.
FAILED = (
    httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, TypeError, LookupError, RecursionError
)  # fmt: skip
GONE = "De aanmelddienst van de gemeente is nu niet bereikbaar. Probeer het over een minuut opnieuw."


@dataclass(frozen=True)
class Stand:
    """What the provider published at one moment: addresses by their name in the discovery document, keys by kid."""

    adressen: Mapping[str, str]
    sleutels: Mapping[str, Mapping[str, Any]]
    gehaald: float


class Aanbieder:
    """An OpenID provider. Fetches at most once per ``rust`` seconds, and keeps what it got for ``bewaar`` seconds."""

    def __init__(self, issuer: str, *, bewaar: float, rust: float, clock: Callable[[], float] = time.monotonic):
        self.issuer = issuer
        self._bewaar, self._rust, self._clock = bewaar, rust, clock
        self._client = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)
        self._lock = asyncio.Lock()
        self._stand: Stand | None = None
        self._asked = float("-inf")

    async def adres(self, name: str) -> str | None:
        """One of the provider's addresses, such as ``token_endpoint``."""
        return (await self._present()).adressen.get(name)

    async def sleutel(self, kid: str) -> Mapping[str, Any] | None:
        """The published key of that name; None when there is none, also after looking again."""
        stand = await self._present()
        if kid not in stand.sleutels:
            stand = await self._renew(stand)
        return stand.sleutels.get(kid)

    async def post(self, address: str, content: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """What the provider says to a form; also when it says no. Unavailable when it says nothing sensible."""
        try:
            return await self._read("POST", address, content=content, headers=dict(headers))
        except FAILED as error:
            raise Unavailable(GONE) from error

    async def close(self) -> None:
        await self._client.aclose()

    async def _present(self) -> Stand:
        stand = self._stand
        if stand is None or self._clock() - stand.gehaald >= self._bewaar:
            stand = await self._renew(stand)
        if self._clock() - stand.gehaald >= self._bewaar * LAST_RESORT:
            raise Unavailable(GONE)
        return stand

    async def _renew(self, known: Stand | None) -> Stand:
        """Ask again, unless somebody else just did; what was known stays when the provider does not answer."""
        async with self._lock:
            if self._stand is not known and self._stand is not None:
                return self._stand
            if self._clock() - self._asked >= self._rust:
                self._asked = self._clock()
                try:
                    self._stand = await self._fetch()
                except FAILED as error:
                    if known is None:
                        raise Unavailable(GONE) from error
            if self._stand is None:
                raise Unavailable(GONE)
            return self._stand

    async def _fetch(self) -> Stand:
        document = await self._read("GET", self.issuer.rstrip("/") + DISCOVERY)
        if document.get("issuer") != self.issuer:
            raise ValueError("the provider calls itself otherwise")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
        adressen = {name: document[name] for name in names if name in document}
        if not all(isinstance(address, str) and self._trusted(address) for address in adressen.values()):
            raise ValueError("an address of the provider is not safe")
        published = (await self._read("GET", adressen["jwks_uri"]))["keys"][:MAX_KEYS]
        named = [key for key in published if isinstance(key, dict) and isinstance(key.get("kid"), str)]
        sleutels = {key["kid"]: key for key in named}
        return Stand(adressen, sleutels, self._clock())

    def _trusted(self, address: str) -> bool:
        """https, or plain http on this machine when the provider itself is there."""
        url = httpx.URL(address)
        local = self.issuer.startswith("http://") and url.scheme == "http" and is_local(url.host)
        return url.scheme == "https" or local

    async def _read(self, method: str, address: str, **options: Any) -> Mapping[str, Any]:
        """A JSON object of limited size, within limited time."""
        async with asyncio.timeout(2 * SECONDS), self._client.stream(method, address, **options) as response:
            if method == "GET":
                response.raise_for_status()
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_BYTES:
                    raise ValueError("the provider says too much")
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError("no JSON object")
        return found
