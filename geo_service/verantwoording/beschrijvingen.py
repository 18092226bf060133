"""What tables, columns, roles and methods are, in words; kept beside the code and checked against it."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Maatregel:
    """What is done about a risk. waar: the code that does it; test: what fails without it."""

    wat: str
    waar: str
    test: str


@dataclass(frozen=True)
class Risico:
    naam: str
    kans: str
    maatregelen: tuple[Maatregel, ...]


def _table(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def tabellen() -> dict[str, dict[str, str]]:
    """Per table (schema.naam) what it holds and whether that is about persons."""
    return {row["tabel"]: row for row in _table("tabellen.csv")}


@cache
def kolommen() -> dict[str, str]:
    """Meaning by name, or by schema.table.name where the name means something else there."""
    return {row["kolom"]: row["betekenis"] for row in _table("kolommen.csv")}


def betekenis(tabel: str, kolom: str) -> str:
    """What a column holds. KeyError when nobody described it."""
    known = kolommen()
    return known.get(f"{tabel}.{kolom}") or known[kolom]


@cache
def rollen() -> dict[str, str]:
    return {row["rol"]: row["ziet"] for row in _table("rollen.csv")}


@cache
def lagen() -> dict[str, dict[str, str]]:
    """Per kind of source what it is and whether it is about persons."""
    return {row["laag"]: row for row in _table("lagen.csv")}


@cache
def methoden() -> dict[str, dict[str, Any]]:
    """The texts of the register of algorithms, by the name of the algorithm here."""
    return tomllib.loads((_FOLDER / "methoden.toml").read_text(encoding="utf-8"))


@cache
def risicos() -> tuple[Risico, ...]:
    document = tomllib.loads((_FOLDER / "maatregelen.toml").read_text(encoding="utf-8"))
    return tuple(
        Risico(row["naam"], row["kans"], tuple(Maatregel(**item) for item in row["maatregel"]))
        for row in document["risico"]
    )
