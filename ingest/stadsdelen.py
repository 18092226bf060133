"""Read the table buurt -> stadsdeel. It is a choice of the municipality, never derived from the wijk code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ingest.errors import ColumnsMissing, SourceRefused
from ingest.gebiedscodes import BUURT_CODE
from ingest.records import Note, Reject
from ingest.sources import open_source
from ingest.tables import describe_table, read_table

_CODE = ("buurtcode", "buurt_code", "bu_code")
_STADSDEEL = ("stadsdeel", "stadsdeel_afgeleid")


@dataclass(frozen=True)
class StadsdeelTable:
    """By buurt code: stadsdeel_of, bron_of. By stadsdeel code: names. By wijk code: wijk_names."""

    stadsdeel_of: dict[str, str] = field(default_factory=dict)
    bron_of: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    wijk_names: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    rejects: tuple[Reject, ...] = ()


def slug(text: str) -> str:
    """ASCII, lower case, hyphens: 'Noord-Oost (Zuid)' -> 'noord-oost-zuid'."""
    letters = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letters).casefold()).strip("-")


def read_stadsdelen(source: str | Path, gemeente: str | None) -> StadsdeelTable:
    """CSV or Excel with buurtcode and stadsdeel or stadsdeel_afgeleid; wijknaam and stadsdeel_bron optional.

    gemeente: rows of other municipalities are left out. Raises ColumnsMissing, and SourceRefused when nothing
    is left.
    """
    with open_source(source) as local:
        info = describe_table(local.path)
        by_lower = {name.lower(): name for name in info.columns}
        code = _required(by_lower, _CODE, "buurtcode", local.name)
        stadsdeel = _required(by_lower, _STADSDEEL, "stadsdeel of stadsdeel_afgeleid", local.name)
        rejects: list[Reject] = []
        frame = pd.concat(read_table(local.path, rejects=rejects), ignore_index=True)
        name = local.name
    frame = frame.rename(columns={code: "buurt_code", stadsdeel: "naam"}).rename(columns=str.lower)
    frame["buurt_code"] = frame["buurt_code"].str.strip().str.upper()
    frame["naam"] = frame["naam"].str.strip()
    kept = _checked(frame, gemeente, rejects)
    if kept.empty:
        raise SourceRefused(f"{name} bevat geen stadsdelen{f' voor {gemeente}' if gemeente else ''}.")
    return _table(kept, info.notes, rejects)


def _required(by_lower: dict[str, str], aliases: tuple[str, ...], shown: str, name: str) -> str:
    for alias in aliases:
        if alias in by_lower:
            return by_lower[alias]
    raise ColumnsMissing(f"{name} mist de kolom {shown}. Aanwezig: {', '.join(by_lower.values())[:300]}.")


def _checked(frame: pd.DataFrame, gemeente: str | None, rejects: list[Reject]) -> pd.DataFrame:
    valid = frame["buurt_code"].str.fullmatch(BUURT_CODE).fillna(False).astype(bool)
    named = frame["naam"].fillna("").map(slug) != ""
    double = frame["buurt_code"].duplicated() & valid & named
    for wrong, code, reason in (
        (~valid, "code_ongeldig", "De buurtcode heeft niet de vorm BU01530000."),
        (valid & ~named, "stadsdeel_ontbreekt", "Bij deze buurt staat geen stadsdeel."),
        (
            double,
            "code_dubbel",
            "Deze buurt kwam al eerder in de tabel voor; een buurt hoort bij één stadsdeel.",
        ),
    ):
        rejects += [
            Reject(int(line), code, reason, str(key or "")[:80])
            for line, key in zip(frame.loc[wrong, "line"], frame.loc[wrong, "buurt_code"], strict=True)
        ]
    kept = frame[valid & named & ~double]
    return kept if gemeente is None else kept[kept["buurt_code"].str[2:6] == gemeente[2:]]


def _table(frame: pd.DataFrame, notes: tuple[Note, ...], rejects: list[Reject]) -> StadsdeelTable:
    codes = "GM" + frame["buurt_code"].str[2:6] + "-SD-" + frame["naam"].map(slug)
    bron = frame.get("stadsdeel_bron", pd.Series(None, index=frame.index, dtype=object))
    wijk_names: dict[str, str] = {}
    if {"wijkcode", "wijknaam"} <= set(frame.columns):
        known = frame.dropna(subset=["wijkcode", "wijknaam"])
        wijk_names = dict(zip(known["wijkcode"].str.strip(), known["wijknaam"].str.strip(), strict=True))
    return StadsdeelTable(
        stadsdeel_of=dict(zip(frame["buurt_code"], codes, strict=True)),
        bron_of={buurt: text for buurt, text in zip(frame["buurt_code"], bron, strict=True) if text is not None},
        names=dict(zip(codes, frame["naam"], strict=True)),
        wijk_names=wijk_names,
        notes=notes,
        rejects=tuple(rejects),
    )
