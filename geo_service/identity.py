"""Who asks: the viewer, the roles, and development tokens until a real log-in is connected."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import jwt

from geo_service.errors import InvalidToken, Refused
from geo_service.settings import Settings, get_settings

ISSUER = "buurtsignaal-ontwikkel"
ALL_STADSDELEN = "alle"
MINIMUM_SECRET = 32
EXPIRED = "Het token is verlopen. Vraag een nieuw token aan."


class Role(StrEnum):
    PUBLIEK = "publiek"
    ONDERZOEKER = "onderzoeker"
    WIJKREGISSEUR = "wijkregisseur"
    STADSDEELMANAGER = "stadsdeelmanager"
    GEGEVENSBEHEERDER = "gegevensbeheerder"
    BEHEERDER = "beheerder"


SCOPED_ROLES = frozenset({Role.WIJKREGISSEUR, Role.STADSDEELMANAGER})
LATTICE_ROLES = frozenset({Role.PUBLIEK, Role.ONDERZOEKER})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a role, and for scoped roles the gemeente and the stadsdelen that are theirs.

    stadsdelen: codes such as ``GM0153-SD-noord``; the single value ``alle`` means the whole gemeente.
    """

    role: Role = Role.PUBLIEK
    gemeente: str | None = None
    stadsdelen: frozenset[str] = frozenset()

    @property
    def scoped(self) -> bool:
        return self.role in SCOPED_ROLES

    @property
    def ingelogd(self) -> bool:
        return self.role is not Role.PUBLIEK

    @property
    def may_see_figures(self) -> bool:
        """Gegevensbeheerder and beheerder read load reports and settings, never figures on screens."""
        return self.scoped or self.role in LATTICE_ROLES

    def sees_whole(self, gemeente: str) -> bool:
        return self.scoped and self.gemeente == gemeente and ALL_STADSDELEN in self.stadsdelen

    def owns(self, gemeente: str, stadsdeel: str | None) -> bool:
        """Whether this area is the viewer's own, so that its figures are shown complete."""
        if not self.scoped or self.gemeente != gemeente:
            return False
        return ALL_STADSDELEN in self.stadsdelen or (stadsdeel is not None and stadsdeel in self.stadsdelen)


PUBLIEK = Viewer()


def read_secret(settings: Settings | None = None) -> bytes:
    """The service's secret: from the settings, else a file made on first use (readable by its owner only)."""
    settings = settings or get_settings()
    if settings.geheim is not None:
        secret = settings.geheim.get_secret_value().encode()
        if len(secret) < MINIMUM_SECRET:
            raise Refused(f"Het geheim (BUURTSIGNAAL_GEHEIM) is te kort: minstens {MINIMUM_SECRET} tekens.")
        return secret
    path = settings.map / "geheim"
    if not path.exists():
        _create_secret(path)
    return path.read_bytes()


def _create_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first; its secret is as good
        return
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())


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
    return jwt.encode(claims, secret, algorithm="HS256")


def viewer_from_token(token: str, secret: bytes) -> Viewer:
    """The viewer a bearer token stands for; InvalidToken when it is forged, expired or of an unknown role."""
    viewer, expires = _read_token(token, secret)
    if expires <= time.time():
        raise InvalidToken(EXPIRED)
    return viewer


# A map asks for tens of tiles with one token. Only good tokens are remembered, and their end is looked at anew.
@lru_cache(maxsize=1024)
def _read_token(token: str, secret: bytes) -> tuple[Viewer, float]:
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], issuer=ISSUER, options={"require": ["exp", "iss", "rol"]}
        )
        viewer = Viewer(Role(claims["rol"]), claims.get("gemeente"), frozenset(claims.get("stadsdelen") or ()))
        return viewer, float(claims["exp"])
    except jwt.ExpiredSignatureError:
        raise InvalidToken(EXPIRED) from None
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise InvalidToken("Het token is niet geldig. Vraag een nieuw token aan of laat het weg.") from None
