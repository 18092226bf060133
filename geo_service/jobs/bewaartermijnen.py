"""Carry out how long things are kept, and tell what was removed and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg

from geo_service.db.connection import privileged_connection
from geo_service.db.write.bewaren import (
    MICRODATA,
    Aantallen,
    Bewaring,
    list_bewaringen,
    remove_administration,
    remove_microdata,
)
from geo_service.db.write.logboek import list_days, remove_day
from geo_service.db.write.run import lock_source
from geo_service.identity import read_secret
from geo_service.settings import get_settings
from geo_service.spoor.keten import removal_text
from geo_service.spoor.opdracht import command_event, note_now
from geo_service.spoor.sleutel import Ondertekenaar

BLIJFT = "Aantallen per gebied en dag, vrijgegeven cijfers en hotspots blijven: dat zijn geen losse gegevens."
ZONDER_TERMIJN = "geen bewaartermijn vastgelegd; er is niets verwijderd"
GEEN_MICRODATA = "heeft geen losse meldingen of bezoeken; er is niets verwijderd"


@dataclass(frozen=True)
class BronVerslag:
    """What was done for one source. opmerking: why nothing was."""

    gemeente: str
    bron: str
    termijn_maanden: int | None
    bewaard_vanaf: date | None
    tabellen: list[Aantallen]
    opmerking: str = ""


@dataclass(frozen=True)
class Verslag:
    """What retention did. proef: it was all taken back."""

    dag: date
    proef: bool
    bronnen: list[BronVerslag]
    dienst: list[Aantallen]
    blijft: str = BLIJFT

    @property
    def verwijderd(self) -> int:
        tables = [table for bron in self.bronnen for table in bron.tabellen] + self.dienst
        return sum(table.verwijderd for table in tables)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"verwijderd": self.verwijderd}


def apply_retention(url: str, *, today: date, proef: bool = False) -> Verslag:
    """Remove what is past its term: each source in a transaction of its own, then what the service keeps of itself."""
    with privileged_connection(url) as connection:
        sources = list_bewaringen(connection, today)
    done = [_apply(url, source, proef=proef) for source in sources]
    with _transaction(url, proef) as connection:
        kept = [*remove_administration(connection, _months()), _remove_log(connection, today)]
        _note(connection, "eigen administratie", kept)
    return Verslag(today, proef, done, kept)


def _apply(url: str, source: Bewaring, *, proef: bool) -> BronVerslag:
    if source.laag not in MICRODATA or source.grens is None:
        reason = ZONDER_TERMIJN if source.laag in MICRODATA else GEEN_MICRODATA
        return BronVerslag(source.gemeente_code, source.naam, source.termijn, None, [], reason)
    with _transaction(url, proef) as connection:
        lock_source(connection, source.laag, source.naam)
        tables = remove_microdata(connection, source)
        _note(connection, f"{source.gemeente_code} {source.naam}", tables)
    return BronVerslag(source.gemeente_code, source.naam, source.termijn, source.grens, tables)


@contextmanager
def _transaction(url: str, proef: bool) -> Iterator[psycopg.Connection]:
    with (
        privileged_connection(url, autocommit=True) as connection,
        connection.transaction(force_rollback=proef),
    ):
        yield connection


def _note(connection: psycopg.Connection, what: str, tables: list[Aantallen]) -> None:
    removed = ", ".join(f"{table.tabel} {table.verwijderd}" for table in tables if table.verwijderd)
    if removed:
        note_now(connection, command_event(f"bewaartermijnen {what}: {removed}", "verwijderd"))


def _months() -> dict[str, int]:
    settings = get_settings()
    return {
        "abonnement": settings.abonnement_maanden,
        "afkeur": settings.afkeur_maanden,
        "laadverslag": settings.laadverslag_maanden,
        "logboek": settings.logboek_maanden,
        "notitie": settings.notitie_maanden,
        "weergave": settings.weergave_maanden,
    }


def _remove_log(connection: psycopg.Connection, today: date) -> Aantallen:
    """Whole days of the log, oldest first; of each a signed line stays."""
    row = connection.execute(
        "select (%s::date - make_interval(months => %s))::date", (today, get_settings().logboek_maanden)
    ).fetchone()
    ondertekenaar = Ondertekenaar(read_secret())
    removed = 0
    for day in list_days(connection, row[0] if row else today):
        text = removal_text(day["dag"], day["aantal"], day["vorige"], day["hash"])
        removed += remove_day(connection, day, ondertekenaar.sign(text), ondertekenaar.sleutel)
    left = connection.execute("select count(*) from intern.logboek").fetchone()
    return Aantallen("logboek", removed, int(left[0]) if left else 0)
