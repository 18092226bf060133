"""Who asks: the viewer, the roles, and the secret of the service."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from geo_service.domain.noodtoegang import Noodtoegang
from geo_service.errors import Refused
from geo_service.settings import Settings, get_settings

ALL_STADSDELEN = "alle"
MINIMUM_SECRET = 32


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
    id: who this is to the provider, or the number of the key; never a name or an address. sinds: when they logged in.
    formuliercode: what a form of this visitor sends along, so that no other site can send it.

    noodtoegang: what they may see for some hours besides; its stadsdelen are among theirs.

    What two viewers may see is equal when the first three are; nothing of an answer depends on the rest.
    """

    role: Role = Role.PUBLIEK
    gemeente: str | None = None
    stadsdelen: frozenset[str] = frozenset()
    id: str | None = field(default=None, compare=False)
    sinds: datetime | None = field(default=None, compare=False)
    ontwikkel: bool = field(default=False, compare=False)
    formuliercode: str = field(default="", compare=False, repr=False)
    noodtoegang: tuple[Noodtoegang, ...] = field(default=(), compare=False)

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

    def works_in(self, gemeente: str) -> bool:
        """Staff of this municipality; elsewhere they see what everyone sees."""
        return self.scoped and self.gemeente == gemeente

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
