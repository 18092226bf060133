"""Read bronnen.toml: sources, their coverage, trend breaks, aliases of area names and wijkteamgebieden."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingest.errors import SourceUnreadable
from ingest.mapping import load_toml
from ingest.sources import open_source

REGISTRATIE_EENHEDEN = (
    "melding",
    "casus",
    "persoon",
    "huishouden",
    "adres",
    "bezoek",
    "misdrijf",
    "voorziening",
    "woning",
)
_RETENTION = re.compile(r"^(\d{1,4})\s*(maand|maanden|jaar)$")
_GEMEENTE = re.compile(r"^GM\d{4}$")
_BUURT = re.compile(r"^BU\d{8}$")


@dataclass(frozen=True, slots=True)
class Bron:
    """One source. optelbaar_met: names of sources whose counts may be added. gemeente: GM code, None for any.

    doel: why it is kept; grondslag and artikel: by what right, and where that stands in the law. betrokkenen, gegevens,
    ontvangers: whose data, which, and who gets them, as the register of processing (article 30 of the AVG) lists them.
    """

    naam: str
    houder: str | None
    definitie: str | None
    registratie_eenheid: str
    grondslag: str | None
    bewaartermijn_maanden: int | None
    optelbaar_met: tuple[str, ...]
    gemeente: str | None
    doel: str | None = None
    artikel: str | None = None
    betrokkenen: tuple[str, ...] = ()
    gegevens: tuple[str, ...] = ()
    ontvangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dekking:
    """The area (code or name) and period in which a source works; tot is the last day, None: until further
    notice."""

    bron: str
    gebied: str
    van: date
    tot: date | None


@dataclass(frozen=True, slots=True)
class Trendbreuk:
    """From `datum` on the figures of a source (in one area, or everywhere) do not compare with those
    before."""

    bron: str
    datum: date
    reden: str
    gebied: str | None


@dataclass(frozen=True, slots=True)
class Alias:
    alias: str
    gebied: str


@dataclass(frozen=True, slots=True)
class Wijkteamgebied:
    naam: str
    gemeente: str | None
    buurtcodes: tuple[str, ...]
    van: date
    tot: date | None


@dataclass(frozen=True, slots=True)
class Bronnen:
    bronnen: tuple[Bron, ...]
    dekkingen: tuple[Dekking, ...]
    trendbreuken: tuple[Trendbreuk, ...]
    aliassen: tuple[Alias, ...]
    wijkteamgebieden: tuple[Wijkteamgebied, ...]


def read_bronnen(source: str | Path) -> Bronnen:
    """All tables of the file. Raises SourceRefused and its kinds, naming the table by its number and the
    key."""
    with open_source(source) as local:
        return parse_bronnen(load_toml(local.path), local.name)


def parse_bronnen(document: MappingType[str, Any], name: str = "bronnen.toml") -> Bronnen:
    """The tables of a parsed bronnen.toml; name is how messages call it. Raises SourceUnreadable."""
    strange = sorted(set(document) - set(_READERS))
    if strange:
        known = ", ".join(f"[[{table}]]" for table in _READERS)
        raise SourceUnreadable(f"{name} kent {', '.join(strange)} niet. Bekend zijn: {known}.")
    bronnen, dekkingen, trendbreuken, aliassen, wijkteams = (_read_all(document, table, name) for table in _READERS)
    _refuse_double([bron.naam for bron in bronnen], f"{name}: [[bron]]")
    _refuse_double([alias.alias.casefold() for alias in aliassen], f"{name}: [[alias]]")
    return Bronnen(bronnen, dekkingen, trendbreuken, aliassen, wijkteams)


class _Table:
    """One table of the file; every method takes out a key, and `end` refuses what is left."""

    def __init__(self, raw: MappingType[str, Any], where: str) -> None:
        self._raw = dict(raw)
        self._where = where

    def fail(self, key: str, problem: str) -> SourceUnreadable:
        return SourceUnreadable(f"{self._where}: {key} {problem}")

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise self.fail(key, "ontbreekt.")
        return value

    def optional_text(self, key: str) -> str | None:
        value = self._raw.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, "moet een tekst zijn.")
        return value.strip()

    def day(self, key: str) -> date:
        value = self.optional_day(key)
        if value is None:
            raise self.fail(key, "ontbreekt.")
        return value

    def optional_day(self, key: str) -> date | None:
        value = self._raw.pop(key, None)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value.strip())
            except ValueError as error:
                raise self.fail(key, "is geen datum zoals 2024-01-31.") from error
        if isinstance(value, datetime):
            value = value.date()
        if value is not None and not isinstance(value, date):
            raise self.fail(key, "is geen datum zoals 2024-01-31.")
        return value

    def period(self) -> tuple[date, date | None]:
        first, last = self.day("van"), self.optional_day("tot")
        if last is not None and last < first:
            raise self.fail("tot", f"({last}) ligt voor van ({first}).")
        return first, last

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.pop(key, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) and item.strip() for item in values):
            raise self.fail(key, "moet een lijst van teksten zijn.")
        return tuple(item.strip() for item in values)

    def months(self, key: str) -> int | None:
        """A number of months, or a text such as "24 maanden" or "2 jaar"."""
        value = self._raw.pop(key, None)
        if isinstance(value, str) and (found := _RETENTION.match(value.strip().lower())):
            value = int(found[1]) * (12 if found[2] == "jaar" else 1)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.fail(key, 'moet een aantal maanden zijn, of een tekst zoals "2 jaar".')
        return value

    def gemeente(self) -> str | None:
        code = self.optional_text("gemeente")
        if code is not None and not _GEMEENTE.match(code):
            raise self.fail("gemeente", f"{code} is geen gemeentecode zoals GM0153.")
        return code

    def end(self) -> None:
        if self._raw:
            raise SourceUnreadable(f"{self._where}: onbekende sleutel {', '.join(sorted(self._raw))}.")


def _bron(table: _Table) -> Bron:
    unit = table.optional_text("registratie_eenheid") or REGISTRATIE_EENHEDEN[0]
    if unit not in REGISTRATIE_EENHEDEN:
        known = ", ".join(REGISTRATIE_EENHEDEN)
        raise table.fail("registratie_eenheid", f"{unit} is onbekend. Kies uit: {known}.")
    return Bron(
        naam=table.text("naam"),
        houder=table.optional_text("houder"),
        definitie=table.optional_text("definitie"),
        registratie_eenheid=unit,
        grondslag=table.optional_text("grondslag"),
        bewaartermijn_maanden=table.months("bewaartermijn"),
        optelbaar_met=table.texts("optelbaar_met"),
        gemeente=table.gemeente(),
        doel=table.optional_text("doel"),
        artikel=table.optional_text("artikel"),
        betrokkenen=table.texts("betrokkenen"),
        gegevens=table.texts("gegevens"),
        ontvangers=table.texts("ontvangers"),
    )


def _dekking(table: _Table) -> Dekking:
    first, last = table.period()
    return Dekking(table.text("bron"), table.text("gebied"), first, last)


def _trendbreuk(table: _Table) -> Trendbreuk:
    return Trendbreuk(table.text("bron"), table.day("datum"), table.text("reden"), table.optional_text("gebied"))


def _alias(table: _Table) -> Alias:
    return Alias(table.text("alias"), table.text("gebied"))


def _wijkteamgebied(table: _Table) -> Wijkteamgebied:
    first, last = table.period()
    codes = table.texts("buurtcodes")
    wrong = [code for code in codes if not _BUURT.match(code)]
    if wrong or not codes:
        raise table.fail("buurtcodes", f"noemt geen buurtcode zoals BU01530000: {', '.join(wrong) or 'leeg'}.")
    if len(set(codes)) < len(codes):
        raise table.fail("buurtcodes", "noemt een buurt twee keer.")
    return Wijkteamgebied(table.text("naam"), table.gemeente(), codes, first, last)


_READERS: dict[str, Callable[[_Table], Any]] = {
    "bron": _bron,
    "dekking": _dekking,
    "trendbreuk": _trendbreuk,
    "alias": _alias,
    "wijkteamgebied": _wijkteamgebied,
}


def _read_all(document: MappingType[str, Any], name: str, file: str) -> tuple[Any, ...]:
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SourceUnreadable(f"{file}: schrijf {name} met dubbele haken, zoals [[{name}]].")
    result = []
    for number, raw in enumerate(tables, start=1):
        table = _Table(raw, f"{file}: [[{name}]] nummer {number}")
        result.append(_READERS[name](table))
        table.end()
    return tuple(result)


def _refuse_double(names: list[str], where: str) -> None:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise SourceUnreadable(f"{where} komt dubbel voor: {', '.join(double)}.")
