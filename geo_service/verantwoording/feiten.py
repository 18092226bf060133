"""What is so in this very service: read from the database, the settings and the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from geo_service.db.connection import privileged_connection
from geo_service.db.queries.verwerking import Bronrij, list_bronnen, list_first_runs, list_gemeenten
from geo_service.db.schema import metadata
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.analyse.runs import code_version
from geo_service.settings import Settings, get_settings
from geo_service.verantwoording import beschrijvingen

VERTROUWELIJK = "vertrouwelijk"


@dataclass(frozen=True)
class Kolom:
    naam: str
    klasse: str
    betekenis: str


@dataclass(frozen=True)
class Tabel:
    """A table with what it holds. persoonsgegevens: geen, mogelijk, pseudoniem or gebruikers."""

    naam: str
    inhoud: str
    persoonsgegevens: str
    kolommen: tuple[Kolom, ...]

    @property
    def vertrouwelijk(self) -> tuple[Kolom, ...]:
        return tuple(kolom for kolom in self.kolommen if kolom.klasse == VERTROUWELIJK)


@dataclass(frozen=True)
class Feiten:
    """parameters: per method its settings as they are now. begonnen: the day of the first run of each method."""

    versie: str
    gemeenten: tuple[str, ...]
    bronnen: tuple[Bronrij, ...]
    tabellen: tuple[Tabel, ...]
    parameters: dict[str, dict[str, Any]]
    begonnen: dict[str, date]
    settings: Settings
    dag: date = field(default_factory=date.today)


def gather(url: str) -> Feiten:
    with privileged_connection(url) as connection:
        return Feiten(
            versie=code_version(),
            gemeenten=tuple(list_gemeenten(connection)),
            bronnen=tuple(list_bronnen(connection)),
            tabellen=tuple(describe_tables()),
            parameters={name: asdict(found) for name, found in configure().items()},
            begonnen=list_first_runs(connection),
            settings=get_settings(),
        )


def describe_tables() -> Sequence[Tabel]:
    """Every table of the program, in words. KeyError names what nobody described."""
    found = []
    for name, table in sorted(metadata.tables.items()):
        row = beschrijvingen.tabellen()[name]
        columns = (
            Kolom(column.name, column.info["klasse"], beschrijvingen.betekenis(name, column.name))
            for column in table.columns
        )
        found.append(Tabel(name, row["inhoud"], row["persoonsgegevens"], tuple(columns)))
    return found


def missing(what: str) -> str:
    """What the papers say in place of a fact that nobody registered."""
    return f"ontbreekt: {what}"


def is_missing(text: str) -> bool:
    return text.startswith(missing(""))
