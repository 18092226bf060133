"""Send the mail of Monday morning: to everyone who confirmed, once a week, of public figures only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geo_service.db.connection import privileged_connection
from geo_service.db.engine import Database
from geo_service.db.write.abonnement import Abonnee, claim, give_back, list_waiting, note_told
from geo_service.domain.perioden import dag_naam
from geo_service.errors import NotFound
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, Role, Viewer, read_secret
from geo_service.post.berichten import Bericht, Lezer, monday_mail
from geo_service.post.merk import make_merk
from geo_service.post.verzenden import NietVerstuurd, Onzeker, Postbode, postbode, require_post
from geo_service.release.context import Gemeente, connect_as, load_gemeente
from geo_service.release.veranderd import Nieuws, nieuws_sinds, stand_van
from geo_service.settings import get_settings
from geo_service.spoor.gebeurtenis import MAANDAGPOST
from geo_service.spoor.opdracht import command_event, note_now

VERSTUURD, NIET_VERSTUURD, ONZEKER = "verstuurd", "niet verstuurd", "onzeker"
# A post office that refuses one and all is not asked again and again.
ACHTEREEN = 5


@dataclass(frozen=True)
class Verslag:
    """How many mails were sent; niet: certainly not, they wait for the next run; onzeker: nobody knows, and nobody gets
    it twice. gestopt: why the rest was not tried, or ""."""

    verstuurd: int
    niet: int
    onzeker: int
    gestopt: str = ""


@dataclass(frozen=True)
class Poststuk:
    """One mail. stand: what it tells about, for the next one."""

    abonnee: Abonnee
    bericht: Bericht
    stand: Mapping[str, str]


def send_monday_mail(url: str, *, vandaag: date) -> Verslag:
    """Send what waits. Unavailable when the mail server cannot be reached: then nothing was sent."""
    site, week = require_post(get_settings()), week_of(vandaag)
    pieces = make_mail(url, vandaag)
    found: list[str] = []
    stopped = ""
    if pieces:
        with postbode() as post:
            for piece in pieces:
                if found[-ACHTEREEN:] == [NIET_VERSTUURD] * ACHTEREEN:
                    stopped = "De mailserver weigerde vijf keer achter elkaar. De rest wacht op de volgende keer."
                    break
                outcome = _send(url, post, piece, week, site)
                found += [outcome] if outcome else []
    return Verslag(found.count(VERSTUURD), found.count(NIET_VERSTUURD), found.count(ONZEKER), stopped)


def _send(url: str, post: Postbode, piece: Poststuk, week: str, site: str) -> str | None:
    """The outcome; None when somebody else was first, or the subscription ended meanwhile."""
    nummer = piece.abonnee.nummer
    with privileged_connection(url, autocommit=True) as connection:
        if not claim(connection, nummer, week):
            return None
        try:
            post.send(piece.abonnee.adres, piece.bericht.as_email(site))
        except NietVerstuurd:
            give_back(connection, nummer)
            outcome = NIET_VERSTUURD
        except Onzeker:
            outcome = ONZEKER
        else:
            note_told(connection, nummer, piece.stand)
            outcome = VERSTUURD
    with privileged_connection(url) as connection:
        # That it was sent, never what it said or to which address.
        note_now(connection, command_event(f"abonnement {nummer}", outcome, handeling=MAANDAGPOST))
    return outcome


def make_mail(url: str, vandaag: date) -> list[Poststuk]:
    """What would be sent now, to whom."""
    with privileged_connection(url) as connection:
        waiting = list_waiting(connection, week_of(vandaag))
    return asyncio.run(_make_all(url, waiting)) if waiting else []


def week_of(dag: date) -> str:
    """As 2026-W48."""
    year, week, _ = dag.isocalendar()
    return f"{year}-W{week:02d}"


async def _make_all(url: str, waiting: Sequence[Abonnee]) -> list[Poststuk]:
    site, secret = require_post(get_settings()), read_secret()
    database = Database(url, pool_size=1)
    pieces = []
    try:
        for abonnee in waiting:
            try:
                pieces.append(await _make(database, abonnee, site, secret))
            except NotFound:
                # Their municipality has no areas any more: there is nothing to tell.
                continue
    finally:
        await database.close()
    return pieces


async def _make(database: Database, abonnee: Abonnee, site: str, secret: bytes) -> Poststuk:
    """Read as nobody: what is told about is only where the reader works."""
    werkt = Viewer(Role.WIJKREGISSEUR, abonnee.gemeente_code, frozenset(abonnee.stadsdelen))
    async with connect_as(database, PUBLIEK) as connection:
        gemeente = await load_gemeente(connection, PUBLIEK, abonnee.gemeente_code)
        stand = stand_van(gemeente, PUBLIEK)
        nieuws: list[Nieuws] = await nieuws_sinds(connection, PUBLIEK, gemeente, abonnee.gezien, werkt)
    merk = make_merk(secret, "afmelden", abonnee.nummer)
    lezer = Lezer(site, _where(gemeente, abonnee.stadsdelen), _until(abonnee), merk)
    return Poststuk(abonnee, monday_mail(lezer, nieuws, iets_nieuws=bool(nieuws)), stand)


def _where(gemeente: Gemeente, stadsdelen: Sequence[str]) -> str:
    if ALL_STADSDELEN in stadsdelen:
        return f"heel {gemeente.naam}"
    names = [gemeente.gebied_naam(code) for code in stadsdelen]
    kind = "stadsdeel" if len(names) == 1 else "de stadsdelen"
    return f"{kind} {', '.join(names)} in {gemeente.naam}" if names else f"geen stadsdeel in {gemeente.naam}"


def _until(abonnee: Abonnee) -> str:
    """The day on which retention removes the subscription, in words."""
    months = abonnee.bevestigd_op.month - 1 + get_settings().abonnement_maanden
    year, month = abonnee.bevestigd_op.year + months // 12, months % 12 + 1
    day = abonnee.bevestigd_op.day
    while True:
        try:
            return dag_naam(date(year, month, day))
        except ValueError:
            day -= 1
