"""Tokens that this very machine issues, to look as a role without a provider. Off unless asked for."""

from __future__ import annotations

import time
from functools import lru_cache

import jwt

from geo_service.errors import InvalidToken
from geo_service.identity import Role, Viewer
from geo_service.toegang.fouten import BAD_TOKEN, EXPIRED

ISSUER = "buurtsignaal-ontwikkel"
ALGORITHM = "HS256"
OFF = "Ontwikkeltokens staan uit op deze dienst."


def issue_development_token(viewer: Viewer, secret: bytes, *, days: int = 30) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "iat": now,
        "exp": now + days * 86400,
        "rol": viewer.role.value,
        "gemeente": viewer.gemeente,
        "stadsdelen": sorted(viewer.stadsdelen),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def viewer_from_token(token: str, secret: bytes) -> Viewer:
    """The viewer a development token stands for; InvalidToken when it is forged, expired or of an unknown role."""
    viewer, expires = _read_token(token, secret)
    if expires <= time.time():
        raise InvalidToken(EXPIRED)
    return viewer


# A map asks for tens of tiles with one token. Only good tokens are remembered, and their end is looked at anew.
@lru_cache(maxsize=1024)
def _read_token(token: str, secret: bytes) -> tuple[Viewer, float]:
    try:
        claims = jwt.decode(
            token, secret, algorithms=[ALGORITHM], issuer=ISSUER, options={"require": ["exp", "iss", "rol"]}
        )
        role, stadsdelen = Role(claims["rol"]), frozenset(claims.get("stadsdelen") or ())
        viewer = Viewer(role, claims.get("gemeente"), stadsdelen, id=f"ontwikkel-{role}", ontwikkel=True)
        return viewer, float(claims["exp"])
    except jwt.ExpiredSignatureError:
        raise InvalidToken(EXPIRED) from None
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise InvalidToken(BAD_TOKEN) from None
