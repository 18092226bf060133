"""From a request to its viewer: the one place that decides who somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from geo_service.db.engine import Database
from geo_service.errors import InvalidToken
from geo_service.identity import PUBLIEK, Viewer
from geo_service.settings import get_settings
from geo_service.toegang.aanbieder import Aanbieder
from geo_service.toegang.adres import from_this_machine
from geo_service.toegang.fouten import BAD_TOKEN, DeadCookie
from geo_service.toegang.inloggen import Inloggen
from geo_service.toegang.ontwikkel import ALGORITHM, OFF, viewer_from_token
from geo_service.toegang.sessies import Sessies
from geo_service.toegang.sleutels import Sleutels
from geo_service.toegang.tokens import Tokens, header_of
from geo_service.toegang.verzoek import Bewijs, Soort, read_bewijzen

DISAGREE = "In dit verzoek staan twee aanmeldingen die niet hetzelfde zeggen. Stuur er één mee."


@dataclass(frozen=True)
class Binnen:
    """Who came in. kenmerk: what their requests are counted by; empty for the public."""

    viewer: Viewer
    kenmerk: str = ""


class Toegang:
    """What opens the door: sessions, keys, tokens of the provider, and on this machine development tokens."""

    def __init__(self, database: Database, secret: bytes, *, development: bool):
        settings = get_settings()
        self.sessies = Sessies(database, settings)
        self._sleutels = Sleutels(database, secret)
        self._development = secret if development else None
        self._aanbieder: Aanbieder | None = None
        self._tokens: Tokens | None = None
        self.inloggen: Inloggen | None = None
        if settings.oidc_uitgever is not None:
            bewaar, rust = settings.oidc_sleutels_seconden, settings.oidc_sleutels_rust
            self._aanbieder = Aanbieder(settings.oidc_uitgever, bewaar=bewaar, rust=rust)
            self._tokens = Tokens(self._aanbieder, settings)
            self.inloggen = Inloggen(self._aanbieder, self._tokens, secret, settings)

    async def enter(self, request: Request) -> Binnen:
        """Who asks; nobody means the public. InvalidToken when anything shown is bad, or two things disagree."""
        bewijzen = read_bewijzen(request)
        if not bewijzen:
            return Binnen(PUBLIEK)
        seen = [await self._viewer(request, bewijs) for bewijs in bewijzen]
        if any((other, other.id) != (seen[0], seen[0].id) for other in seen[1:]):
            raise InvalidToken(DISAGREE)
        return Binnen(seen[0], bewijzen[0].kenmerk)

    def develops(self, request: Request) -> bool:
        """Whether development tokens count for this request: switched on, and nobody asks from elsewhere."""
        return self._development is not None and from_this_machine(request)

    def development_viewer(self, request: Request, token: str) -> Viewer:
        if self._development is None or not self.develops(request):
            raise InvalidToken(OFF)
        return viewer_from_token(token, self._development)

    async def close(self) -> None:
        if self._aanbieder is not None:
            await self._aanbieder.close()

    async def _viewer(self, request: Request, bewijs: Bewijs) -> Viewer:
        match bewijs.soort:
            case Soort.SESSIE:
                return await self.sessies.viewer(bewijs.waarde)
            case Soort.SLEUTEL:
                return await self._sleutels.viewer(bewijs.waarde)
            case Soort.ONTWIKKELCOOKIE:
                try:
                    return self.development_viewer(request, bewijs.waarde)
                except InvalidToken as error:
                    raise DeadCookie(str(error)) from None
            case Soort.TOKEN:
                return await self._token_viewer(request, bewijs.waarde)

    async def _token_viewer(self, request: Request, token: str) -> Viewer:
        """The way of signing says whose token it is: ours by a shared secret, the provider's never."""
        if header_of(token).get("alg") == ALGORITHM:
            return self.development_viewer(request, token)
        if self._tokens is None:
            raise InvalidToken(BAD_TOKEN)
        return await self._tokens.viewer(token)
