"""Which key figures may be read, under which column names, and how their values are cleaned.

An allow-list: a column that is not named here is not read. Indicators about origin, nationality or religion
are never read and are named in the report as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.mapping import is_forbidden
from ingest.records import Note, Reject

SENTINEL = -99990
KERNCIJFER_COLUMNS = ("gebied_code", "jaar", "indicator", "waarde", "status")

# Indicator -> normalised names: CBS OData stems and titles, the CBS map files, their names cut at 10
# characters, the Excel download of CBS, and the generalised file of tmap.
_NAMES: dict[str, tuple[str, ...]] = {
    "inwoners": ("aantalinwoners", "aantalinw", "aantinw", "ainw", "inwoners", "population"),
    "huishoudens": (
        "huishoudenstotaal",
        "aantalhuishoudens",
        "aantalhui",
        "aantalhh",
        "ahh",
        "huishoudens",
    ),
    "woningvoorraad": ("woningvoorraad", "woningvoor", "awoning", "woningen", "dwellingtotal"),
    "adressen": ("aantaladressen", "adressen"),
    "adressendichtheid": ("omgevingsadressendichtheid", "omgevingsa", "oad", "stedadrs"),
    "woz_1000": (
        "gemiddeldewozwaardevanwoningen",
        "gemiddeldewozwaardewoning",
        "gemiddeldewoningwaarde",
        "gemwoz",
        "gwoz",
        "woz",
        "dwellingvalue",
    ),
    "koop_pct": ("koopwoningen", "percentagekoopwoningen", "pkoopwon", "pkoopw", "dwellingownership"),
    "huur_pct": ("huurwoningentotaal", "percentagehuurwoningen", "phuurwon", "phuurw"),
    "corporatie_pct": (
        "inbezitwoningcorporatie",
        "perchuurwoningeninbezitwoningcorporaties",
        "pwoncorp",
        "pwcorpw",
    ),
    "overige_verhuur_pct": (
        "inbezitoverigeverhuurders",
        "perchuurwoningeninbezitoverigeverhuurders",
        "povhw",
        "povverh",
    ),
    "eengezins_pct": ("percentageeengezinswoning", "percentageeengezinswoningen", "p1gezw"),
    "meergezins_pct": ("percentagemeergezinswoning", "percentagemeergezinswoningen", "pmgezw"),
    "bouwjaar_voor_2000_pct": ("bouwjaarvoor2000", "pbjj2k", "percentagebouwjaarklassetot2000"),
    "bouwjaar_vanaf_2000_pct": ("bouwjaarvanaf2000", "pbjo2k", "percentagebouwjaarklassevanaf2000"),
}
_INDICATOR_OF = {name: indicator for indicator, names in _NAMES.items() for name in names}

# Names that only mean origin in a CBS table; mapping.is_forbidden knows the general words.
_FORBIDDEN = re.compile(
    r"herkomst|geboreninn|geborenbui|exclusiefnederland|buiteneuropa|buitenland|^nederland$|^europa|nietwest"
    r"|^[ap]gb(nl|eu|neu)|^[ap]n?(west)?al$|^[ap](nl|eurnnl|neur)$|^[ap](ned|eur|neu)herk|godsdienst|katholi|protestant"
)
# Shapefile and GPKG of the CBS map 2021: these numbered cut names are the shares by origin.
_FORBIDDEN_CUT = {2021: frozenset(f"percenta{number}" for number in range(12, 19))}
_CUT = re.compile(r"^percenta(ge|\d+)?$")


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """read: source column -> indicator. notes: what is not read and why."""

    read: dict[str, str]
    notes: tuple[Note, ...]


def normalise(name: str) -> str:
    """A column name without case, spaces, punctuation and the numeric suffix that CBS shifts every year."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"_\d+$", "", name.strip().lower()))


def indicator_of(name: str) -> str | None:
    """The indicator of a column name or measure title on the allow-list, else None."""
    return _INDICATOR_OF.get(normalise(name))


def forbidden_reason(column: str, jaar: int | None = None) -> str | None:
    """A Dutch reason when the column is about origin, nationality or religion, else None."""
    cut = re.sub(r"[^a-z0-9]", "", column.strip().lower())
    if is_forbidden(column) or _FORBIDDEN.search(normalise(column)) or cut in _FORBIDDEN_CUT.get(jaar or 0, ()):
        return "gaat over herkomst, nationaliteit of religie"
    return None


def choose_columns(columns: Iterable[str], jaar: int | None, known: Iterable[str] = ()) -> ColumnChoice:
    """Divide the columns of a file; known: columns with another use (code, name), which need no remark."""
    read: dict[str, str] = {}
    forbidden, cut, other = [], [], []
    skip = set(known)
    for column in columns:
        indicator = indicator_of(column)
        if column in skip:
            continue
        if forbidden_reason(column, jaar):
            forbidden.append(column)
        elif indicator and indicator not in read.values():
            read[column] = indicator
        elif _CUT.match(re.sub(r"[^a-z0-9]", "", column.lower())):
            cut.append(column)
        else:
            other.append(column)
    notes = (
        _note("kolom_verboden", "Niet gelezen, gaat over herkomst, nationaliteit of religie", forbidden),
        _note("kolom_afgekapt", "Niet gelezen, afgekapte naam waarvan de betekenis niet vaststaat", cut),
        _note("kolom_niet_gelezen", "Niet gelezen, staat niet op de lijst van toegestane kerncijfers", other),
    )
    return ColumnChoice(read, tuple(note for note in notes if note))


def _note(code: str, text: str, columns: list[str]) -> Note | None:
    return Note(code, f"{text}: {', '.join(columns)}.", len(columns)) if columns else None


def to_kerncijfers(frame: pd.DataFrame, read: dict[str, str], jaar: int) -> tuple[pd.DataFrame, tuple[Reject, ...]]:
    """Wide rows (gebied_code, line and the source columns of `read`) to the long kerncijfers contract."""
    if not read:
        return empty_kerncijfers(), ()
    records, rejects = clean_wide(frame, read)
    records["jaar"] = jaar
    return records[list(KERNCIJFER_COLUMNS)].reset_index(drop=True), tuple(rejects)


def clean_wide(frame: pd.DataFrame, read: dict[str, str]) -> tuple[pd.DataFrame, list[Reject]]:
    """clean_values of several columns (at least one), ordered by row; the index of `frame` repeats."""
    parts, rejects = [], []
    for column, indicator in read.items():
        part, refused = clean_values(frame, column, pd.Series(indicator, index=frame.index, dtype=object))
        parts.append(part)
        rejects += refused
    return pd.concat(parts).sort_index(kind="stable"), rejects


def empty_kerncijfers() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in KERNCIJFER_COLUMNS})
    return frame.astype({"jaar": "int64", "waarde": "float64"})


def clean_values(frame: pd.DataFrame, column: str, indicators: pd.Series) -> tuple[pd.DataFrame, list[Reject]]:
    """Values of one column: sentinels, dots and blanks become NaN with 'ontbreekt'.

    frame: gebied_code, line and `column`; indicators: the indicator of each row.
    Returns gebied_code, indicator, waarde, status with the index of `frame` (rejected rows left out).
    """
    text, numbers = _numbers(frame[column])
    missing = numbers.isna() & text.isin(["", ".", "-", "x", "nan", "none", "<na>"]) | (numbers <= SENTINEL)
    too_high = indicators.str.endswith("_pct") & (numbers > 100)
    wrong = ~missing & (numbers.isna() | ~np.isfinite(numbers) | (numbers < 0) | too_high)
    rejects = [
        Reject(
            int(line),
            "waarde_ongeldig",
            f"De waarde van {name} is geen mogelijk getal.",
            f"{code} {name}"[:80],
        )
        for line, code, name in zip(
            frame.loc[wrong, "line"], frame.loc[wrong, "gebied_code"], indicators[wrong], strict=True
        )
    ]
    keep = ~wrong
    result = pd.DataFrame(
        {
            "gebied_code": frame.loc[keep, "gebied_code"].astype(object),
            "indicator": indicators[keep].astype(object),
            "waarde": numbers.mask(missing)[keep].astype(float),
            "status": pd.Series(np.where(missing[keep], "ontbreekt", "ok"), frame.index[keep], dtype=object),
        }
    )
    return result, rejects


def _numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Trimmed lower-case text and the number; a decimal comma is read as a point."""
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype(float)
        return pd.Series("", index=values.index), numbers
    text = values.fillna("").astype(str).str.strip().str.lower()
    return text, pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce").astype(float)
