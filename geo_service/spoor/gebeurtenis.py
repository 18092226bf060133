"""One event for the log: who did what with which object, how it ended and where it came from."""

from __future__ import annotations

import ipaddress
import os
import pwd
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from geo_service.identity import Viewer

LEZEN = "lezen"
LEZEN_MET_NOODTOEGANG = "lezen met noodtoegang"
INSTUREN = "insturen"
GEWEIGERD = "geweigerd"
NOODTOEGANG_VRAGEN = "noodtoegang vragen"
NOODTOEGANG_BEEINDIGEN = "noodtoegang beëindigen"
NOTITIE_SCHRIJVEN = "notitie schrijven"
NOTITIE_WIJZIGEN = "notitie wijzigen"
NOTITIE_VERWIJDEREN = "notitie verwijderen"
PLEK_VERBETEREN = "plek verbeteren"
VERBETERING_INTREKKEN = "verbetering intrekken"
INTERVENTIE_SCHRIJVEN = "interventie schrijven"
INTERVENTIE_WIJZIGEN = "interventie wijzigen"
INTERVENTIE_INTREKKEN = "interventie intrekken"
WIJKBRIEF_INTERN = "wijkbrief intern"
MAANDAGPOST_AANVRAGEN = "maandagpost aanvragen"
MAANDAGPOST_BEVESTIGEN = "maandagpost bevestigen"
MAANDAGPOST_STOPPEN = "maandagpost stoppen"
MAANDAGPOST = "maandagpost"
OPDRACHT = "opdracht"
INZAGE = "inzage"

_LONGEST = 500
# Control signs, and halves of characters that no database stores.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Gebeurtenis:
    """actor: the opaque number of a viewer or ``opdracht:<system user>``; kenmerk: the mark of the request."""

    actor: str
    rol: str
    handeling: str
    object: str
    uitkomst: str
    herkomst: str = ""
    kenmerk: str = ""
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_dict(self) -> dict[str, str]:
        """As the database takes it: nothing in it can make a line fail."""
        texts = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "moment"}
        cleaned = {name: _UNWRITABLE.sub("·", text)[:_LONGEST] for name, text in texts.items()}
        return cleaned | {"moment": self.moment.isoformat()}


def actor_of(viewer: Viewer) -> str:
    """Who a viewer is in the log."""
    return viewer.id or "onbekend"


def system_actor() -> str:
    """Who runs a command: the user of the system, as the system knows them."""
    number = os.getuid()
    try:
        return f"opdracht:{pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"opdracht:{number}"


@lru_cache(maxsize=1_024)
def shortened(address: str) -> str:
    """An address without its last part: enough to tell an office from abroad, too little for one person."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
