"""Load the codelists that lie beside this module."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent

UNKNOWN_CATEGORIE = "overig-overig"


@dataclass(frozen=True, slots=True)
class Categorie:
    """One of our own categories; a head category has code == hoofd."""

    code: str
    hoofd: str
    naam: str
    toelichting: str

    @property
    def is_head(self) -> bool:
        return self.code == self.hoofd


@dataclass(frozen=True, slots=True)
class SourceCategorie:
    """A category of a source (Signalen, police) and ours; sub_slug "" stands for the whole head category."""

    hoofd_slug: str
    sub_slug: str
    naam: str
    code: str


@cache
def load_categorieen() -> tuple[Categorie, ...]:
    return tuple(Categorie(**row) for row in _rows("categorieen.csv"))


@cache
def load_source_categorieen() -> tuple[SourceCategorie, ...]:
    return tuple(SourceCategorie(**row) for row in _rows("categorie_signalen.csv"))


@cache
def load_gemeentenamen() -> dict[str, str]:
    """Names of municipalities by code, for area files that have none; not complete."""
    return {row["code"]: row["naam"] for row in _rows("gemeenten.csv")}


@cache
def sub_categorie_codes() -> frozenset[str]:
    """Codes that a record may carry: sub categories only."""
    return frozenset(categorie.code for categorie in load_categorieen() if not categorie.is_head)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
