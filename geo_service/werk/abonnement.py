"""The subscription of a member of staff to the mail of Monday morning: asked here, confirmed from the mail itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.db.queries import abonnement as queries
from geo_service.domain.perioden import dag_van
from geo_service.errors import Faults
from geo_service.post.merk import Merk
from geo_service.settings import MAIL_ADDRESS
from geo_service.werk.werkplek import Werkplek

LANGSTE = 254
GEEN_ADRES = "Schrijf een e-mailadres, bijvoorbeeld naam@gemeente.nl."
NET_GEVRAAGD = "Wij stuurden net al een bericht. Kijk in uw post, of probeer het over twee minuten opnieuw."


@dataclass(frozen=True)
class Abonnement:
    """net: asked so recently that another mail may not go out yet."""

    nummer: int
    adres: str
    aangevraagd_op: datetime
    bevestigd_op: datetime | None
    net: bool

    @property
    def bevestigd(self) -> str:
        return dag_van(self.bevestigd_op) if self.bevestigd_op else ""


async def of(werkplek: Werkplek) -> Abonnement | None:
    """The viewer's own subscription."""
    async with werkplek.connect() as connection:
        row = await queries.find_abonnement(connection, werkplek.medewerker)
    return Abonnement(**row) if row else None


async def ask(werkplek: Werkplek, form: Mapping[str, str]) -> int:
    """Ask for the mail on an address (form: adres), in the place of a former one; the number of the subscription.

    Nothing is sent but one question, until the address is confirmed. InvalidParameters when it is no address, or when
    such a question went out a moment ago.
    """
    faults = Faults()
    adres = form.get("adres", "").strip()
    if len(adres) > LANGSTE or not re.fullmatch(MAIL_ADDRESS, adres, re.ASCII):
        faults.add("adres", GEEN_ADRES)
    else:
        former = await of(werkplek)
        if former is not None and former.net:
            faults.add("adres", NET_GEVRAAGD)
    faults.raise_any()
    viewer = werkplek.viewer
    values = {
        "gemeente": viewer.gemeente,
        "stadsdelen": sorted(viewer.stadsdelen - {extra.stadsdeel_code for extra in viewer.noodtoegang}),
        "medewerker": werkplek.medewerker,
        "adres": adres,
    }
    async with werkplek.connect() as connection:
        return await queries.replace_abonnement(connection, values)


async def stop(werkplek: Werkplek) -> bool:
    """Remove the viewer's subscription, address and all; whether there was one."""
    async with werkplek.connect() as connection:
        return await queries.remove_of(connection, werkplek.medewerker)


async def confirm(database: Database, merk: Merk) -> bool:
    """Whether there still is a subscription to confirm."""
    async with database.connect(Role.WERK, _scope(merk)) as connection:
        return await queries.confirm(connection, merk.nummer)


async def unsubscribe(database: Database, merk: Merk) -> bool:
    """Remove a subscription, address and all; whether there was one."""
    async with database.connect(Role.WERK, _scope(merk)) as connection:
        return await queries.remove(connection, merk.nummer)


def _scope(merk: Merk) -> dict[str, str]:
    """Who opened a link of ours may reach that one row."""
    return {"buurtsignaal.abonnement": str(merk.nummer)}
