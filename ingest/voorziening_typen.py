"""The type of a voorziening in our own words, and whether its place must stay hidden."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import data
from ingest.mapping import simple_name

OTHER = "overig"

# Fails closed: a name that only may be a shelter is treated as one.
_SENSITIVE = re.compile(
    r"opvang|doorstroom ?woning|blijf ?(van ?mijn ?lijf|groep|huis)|crisis ?(woning|huis|plaats|bed)"
    r"|safe ?house|huiselijk ?geweld|mensenhandel|veilige? ?(huis|plek)\b|refuge\b|shelter"
)
# The one kind of "opvang" that parents must be able to find.
_CHILDCARE = re.compile(
    r"((kinder|peuter|baby|dreumes|kleuter|gastouder|dieren)|(buiten|voor|na|tussen) ?schoolse ?)opvang"
)


@dataclass(frozen=True, slots=True)
class VoorzieningType:
    """lijn: 0e_lijn | 1e_lijn | 2e_lijn | onbekend; leefgebied: None when the type says nothing about it."""

    code: str
    naam: str
    gevoelig: bool
    lijn: str
    leefgebied: str | None


@cache
def load_typen() -> dict[str, VoorzieningType]:
    """By code, in the order of the codelist."""
    return {
        row["code"]: VoorzieningType(
            row["code"], row["naam"], row["gevoelig"] == "ja", row["lijn"], row["leefgebied"] or None
        )
        for row in _rows("voorziening_typen.csv")
    }


def type_of(text: str | None) -> VoorzieningType | None:
    """The type of a source text (our code or name, a common name, an OSM tag); None when unknown."""
    code = _codes().get(simple_name(text or ""))
    return load_typen()[code] if code else None


def is_sensitive(*texts: str | None) -> bool:
    """Whether a name, type or provider points to a place that must not be shown."""
    joined = " | ".join(re.sub(r"[^a-z0-9]+", " ", (text or "").casefold()) for text in texts)
    return bool(_SENSITIVE.search(_CHILDCARE.sub(" ", joined)))


@cache
def _codes() -> dict[str, str]:
    own = {key: item.code for item in load_typen().values() for key in (item.code, item.naam)}
    named = {row["naam"]: row["code"] for row in _rows("voorziening_namen.csv")}
    return {simple_name(name): code for name, code in (named | own).items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    # data is a package without a file list of its own: the codelists lie beside its __init__.
    with (Path(str(data.__file__)).parent / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
