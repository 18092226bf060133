"""What a request shows of who asks. Whatever is odd or double is refused: the stronger of two is never taken."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

from fastapi import Request

from geo_service.errors import InvalidToken
from geo_service.toegang import cookies
from geo_service.toegang.fouten import DeadCookie

KEY_HEADER = "X-Api-Key"
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
TWICE = "In dit verzoek staat dezelfde aanmelding meer dan eens. Stuur er één mee."
ODD = "De header Authorization klopt niet. Schrijf: Authorization: Bearer, een spatie en het token."


class Soort(Enum):
    SESSIE = "sessie"
    ONTWIKKELCOOKIE = "ontwikkelcookie"
    TOKEN = "token"  # noqa: S105  (the kind, not a token)
    SLEUTEL = "sleutel"


@dataclass(frozen=True)
class Bewijs:
    """One thing that says who asks."""

    soort: Soort
    waarde: str

    @property
    def kenmerk(self) -> str:
        """What its requests are counted by; the thing itself is not kept."""
        return hashlib.blake2b(self.waarde.encode(), digest_size=16).hexdigest()


def read_bewijzen(request: Request) -> list[Bewijs]:
    """Everything that a request shows; InvalidToken when any of it is written oddly, or twice."""
    return [
        *_cookie(request, cookies.name_of(request, cookies.SESSION), Soort.SESSIE),
        *_cookie(request, cookies.DEVELOPMENT, Soort.ONTWIKKELCOOKIE),
        *_authorization(request),
        *_key(request),
    ]


def _cookie(request: Request, name: str, soort: Soort) -> list[Bewijs]:
    values = cookies.values_of(request, name)
    if len(values) > 1:
        raise DeadCookie(TWICE)
    return [Bewijs(soort, value) for value in values if value]


def _authorization(request: Request) -> list[Bewijs]:
    lines = request.headers.getlist("authorization")
    if len(lines) > 1:
        raise InvalidToken(TWICE)
    if not lines or not lines[0].strip():
        return []
    match = BEARER.fullmatch(lines[0])
    if match is None:
        raise InvalidToken(ODD)
    return [Bewijs(Soort.SLEUTEL if match[1].startswith("bs_") else Soort.TOKEN, match[1])]


def _key(request: Request) -> list[Bewijs]:
    lines = request.headers.getlist(KEY_HEADER)
    if len(lines) > 1:
        raise InvalidToken(TWICE)
    return [Bewijs(Soort.SLEUTEL, line.strip()) for line in lines]
