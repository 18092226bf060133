"""Read visits to a wijkwijzer from CSV or Excel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from ingest.checks import (
    RowChecks,
    clean_area_codes,
    is_buurt_code,
    refuse_dates,
    refuse_long,
    trimmed,
)
from ingest.columns import RoleRows, role
from ingest.lijsten import KnownKeys, Occurrences, choose, read_list, short_label
from ingest.mapping import Mapping
from ingest.records import Batch, Batches, Note
from ingest.tijd import parse_dates

COLUMNS = (
    "line",
    "sleutel",
    "wijkwijzer",
    "datum",
    "kanaal",
    "thema",
    "herkomst_buurt_code",
    "uitkomst",
)
ALIASES = {
    "sleutel": ("sleutel", "bezoek_id", "bezoeknummer", "id", "nummer", "key"),
    "wijkwijzer": ("wijkwijzer", "wijkwijzer_sleutel", "wijkwijzer_id", "wijkwijzer_naam", "locatie"),
    "datum": ("datum", "bezoekdatum", "datum_bezoek", "date"),
    "kanaal": ("kanaal", "contactvorm", "channel"),
    "thema": ("thema", "onderwerp", "leefgebied"),
    "herkomst_buurt_code": (
        "herkomst_buurt_code",
        "herkomst_buurt",
        "herkomstbuurt",
        "buurt_code",
        "buurtcode",
    ),
    "uitkomst": ("uitkomst", "resultaat", "afloop", "lijn"),
}
KANALEN = {
    "fysiek": "fysiek",
    "inloop": "fysiek",
    "balie": "fysiek",
    "spreekuur": "fysiek",
    "digitaal": "digitaal",
    "online": "digitaal",
    "e-mail": "digitaal",
    "email": "digitaal",
    "mail": "digitaal",
    "telefonisch": "telefonisch",
    "telefoon": "telefonisch",
    "onbekend": "onbekend",
}
UITKOMSTEN = {
    "beantwoord": "beantwoord",
    "vraag beantwoord": "beantwoord",
    "0e_lijn": "0e_lijn",
    "0e lijn": "0e_lijn",
    "voorliggend": "0e_lijn",
    "1e_lijn": "1e_lijn",
    "1e lijn": "1e_lijn",
    "wijkteam": "1e_lijn",
    "2e_lijn": "2e_lijn",
    "2e lijn": "2e_lijn",
    "specialist": "2e_lijn",
    "onbekend": "onbekend",
}
_NO_ORIGIN = ("onbekend", "anoniem", "geen", "-", "?")


def read_bezoeken(source: str | Path, *, mapping: str | Path | Mapping | None = None, today: date) -> Batches:
    """Batches with COLUMNS; wijkwijzer is its key or name as the source writes it.

    Without a column for the key it is made of the content and its occurrence in the file, so that a second
    run of the same
    file meets the same visits.
    """
    builder = _Builder(today)
    return read_list(source, ALIASES, ("wijkwijzer", "datum"), mapping, builder.build)


class _Builder:
    def __init__(self, today: date) -> None:
        self._today = today
        self._occurrences = Occurrences()
        self._known = KnownKeys()

    def build(self, rows: RoleRows, mapping: Mapping) -> Batch:
        frame = rows.frame
        has_keys = "sleutel" in frame.columns
        keys = trimmed(role(frame, "sleutel"))
        places = trimmed(role(frame, "wijkwijzer"))
        days = parse_dates(role(frame, "datum"), formats=mapping.datumformaten)
        checks = RowChecks(frame["line"], keys)
        refuse_long(checks, frame)
        if has_keys:
            checks.refuse(keys.isna().to_numpy(), "sleutel_ontbreekt")
        checks.refuse(places.isna().to_numpy(), "wijkwijzer_ontbreekt")
        refuse_dates(checks, days, self._today)
        if has_keys:
            checks.refuse(self._known.repeated(keys, checks.kept), "dubbel")
        kept = frame.assign(sleutel=keys, wijkwijzer=places, datum=days)[checks.kept].reset_index(drop=True)
        records, notes = self._records(kept, has_keys)
        return Batch(records, rows.read, (*rows.rejects, *checks.rejects()), (*rows.notes, *notes))

    def _records(self, kept: pd.DataFrame, has_keys: bool) -> tuple[pd.DataFrame, tuple[Note, ...]]:
        kanaal, kanaal_notes = choose(role(kept, "kanaal"), KANALEN, what="kanaal")
        uitkomst, uitkomst_notes = choose(role(kept, "uitkomst"), UITKOMSTEN, what="uitkomst")
        thema, thema_notes = short_label(trimmed(role(kept, "thema")), what="thema")
        herkomst, herkomst_notes = _origins(role(kept, "herkomst_buurt_code"))
        records = kept.assign(kanaal=kanaal, uitkomst=uitkomst, thema=thema, herkomst_buurt_code=herkomst)
        if not has_keys:
            content = [name for name in COLUMNS if name not in ("line", "sleutel")]
            records["sleutel"] = self._occurrences.keys(records[content])
        return records[list(COLUMNS)], (*kanaal_notes, *uitkomst_notes, *thema_notes, *herkomst_notes)


def _origins(values: pd.Series) -> tuple[pd.Series, tuple[Note, ...]]:
    """Buurt codes; anything else is an unknown origin, because the visit itself still counts."""
    codes = clean_area_codes(values)
    good = is_buurt_code(codes)
    stated = (codes.notna() & ~codes.str.lower().isin(_NO_ORIGIN)).to_numpy(dtype=bool)
    strange = int((stated & ~good).sum())
    note = Note("herkomst_onbekend", "De herkomst is geen buurtcode zoals BU01530000: onbekend.", strange)
    return codes.where(good, None), (note,) if strange else ()
